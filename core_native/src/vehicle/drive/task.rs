//! The drive in time: what it is told, and how far that has come.

use super::config::DriveConfig;
use super::wheels::WheelOrder;
use crate::numeric::{RAD_PER_DEG, wrap_180};

/// What a drive is told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DriveTask {
    /// Nothing: it gives no force.
    #[default]
    Idle,
    /// To hold a speed of each wheel.
    Speeds {
        /// Of the left and the right wheel \[m/s\].
        speeds_m_s: [f64; 2],
        /// When it ends \[ns\].
        until_ns: i64,
    },
    /// To turn by an angle.
    Turn {
        /// Heading at the beginning \[deg\].
        from_deg: f64,
        /// By how much, clockwise \[deg\].
        angle_deg: f64,
        /// How far it has turned \[deg\].
        turned_deg: f64,
        /// When it is given up \[ns\].
        until_ns: i64,
    },
    /// To stop, and to let go then.
    Brake,
}

/// Why a drive is no longer at what it was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriveEnd {
    /// It was told to stop.
    Told = 0,
    /// Its time was over.
    TimeOver = 1,
    /// It has turned by the angle.
    Turned = 2,
    /// A port was captured, which lifts the wheels.
    Docked = 3,
}

/// The ends by number, each with its word.
pub const ENDS: [(DriveEnd, &str); 4] = [
    (DriveEnd::Told, "told"),
    (DriveEnd::TimeOver, "time_over"),
    (DriveEnd::Turned, "turned"),
    (DriveEnd::Docked, "docked"),
];

/// Whether a motor does as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MotorCondition {
    /// It does.
    #[default]
    Working = 0,
    /// Its wheel runs free: it gives no force along the bow.
    Free = 1,
    /// Its wheel is blocked: it is as told 0 while the drive is told something.
    Blocked = 2,
}

/// The conditions by number, each with its word.
pub const CONDITIONS: [(MotorCondition, &str); 3] = [
    (MotorCondition::Working, "working"),
    (MotorCondition::Free, "free"),
    (MotorCondition::Blocked, "blocked"),
];

/// All that changes in a vehicle's drive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drive {
    /// What it is told.
    pub task: DriveTask,
    /// Why it is no longer at what it was told last, if it is not.
    pub ended: Option<DriveEnd>,
    /// Speeds of the left and the right wheel that it was at in the last step, 0 before \[m/s\].
    pub speeds_m_s: [f64; 2],
    /// Part of the power that it wanted in the last step which it got.
    pub power_part: f64,
    /// Whether each motor does as it is told.
    pub conditions: [MotorCondition; 2],
}

/// The vehicle as a drive sees it at the beginning of a step.
#[derive(Clone, Copy, Debug)]
pub struct DriveView {
    /// Time \[ns\].
    pub time_ns: i64,
    /// Heading \[deg\].
    pub heading_deg: f64,
    /// Speed of each wheel across and along the bow \[m/s\].
    pub wheels_m_s: [[f64; 2]; 2],
}

impl Drive {
    /// Whether it is told nothing, so that it gives no force.
    pub const fn is_idle(&self) -> bool {
        matches!(self.task, DriveTask::Idle)
    }

    /// Speeds of the left and the right wheel that it is told, and in a turn was in the last step \[m/s\].
    pub const fn told_m_s(&self) -> [f64; 2] {
        match self.task {
            DriveTask::Speeds { speeds_m_s, .. } => speeds_m_s,
            DriveTask::Idle | DriveTask::Turn { .. } | DriveTask::Brake => self.speeds_m_s,
        }
    }

    /// Begin something else.
    pub fn begin(&mut self, task: DriveTask) {
        self.go_over(task, None);
    }

    /// Let go at once.
    pub fn let_go(&mut self, end: Option<DriveEnd>) {
        self.go_over(DriveTask::Idle, end.or(self.ended));
    }

    /// End what it is at, and stop; one that is stopping already lets go, as wheels that are pushed all
    /// the time never rest.
    pub fn brake(&mut self, end: DriveEnd) {
        match self.task {
            DriveTask::Idle => {}
            DriveTask::Brake => self.let_go(None),
            DriveTask::Speeds { .. } | DriveTask::Turn { .. } => {
                self.go_over(DriveTask::Brake, Some(end));
            }
        }
    }

    const fn go_over(&mut self, task: DriveTask, ended: Option<DriveEnd>) {
        (self.task, self.ended) = (task, ended);
        (self.speeds_m_s, self.power_part) = ([0.0; 2], 0.0);
    }

    /// Go on to the step that begins.
    pub fn step(&mut self, config: &DriveConfig, view: &DriveView) {
        self.look(config, view);
        let is_at_rest = |speed_m_s: &f64| speed_m_s.abs() <= config.rest_m_s;
        let is_braking = matches!(self.task, DriveTask::Brake);
        if is_braking && view.wheels_m_s.iter().flatten().all(is_at_rest) {
            self.let_go(None);
        }
        self.speeds_m_s = match self.task {
            DriveTask::Idle | DriveTask::Brake => [0.0; 2],
            DriveTask::Speeds { speeds_m_s, .. } => speeds_m_s,
            DriveTask::Turn { angle_deg, turned_deg, .. } => {
                let speed_m_s = config.turning_m_s(angle_deg - turned_deg);
                [speed_m_s, -speed_m_s]
            }
        };
    }

    /// See how far it has come.
    fn look(&mut self, config: &DriveConfig, view: &DriveView) {
        match &mut self.task {
            DriveTask::Idle | DriveTask::Brake => {}
            DriveTask::Speeds { until_ns, .. } => {
                if view.time_ns >= *until_ns {
                    self.brake(DriveEnd::TimeOver);
                }
            }
            DriveTask::Turn { from_deg, angle_deg, turned_deg, until_ns } => {
                *turned_deg += wrap_180(view.heading_deg - *from_deg - *turned_deg);
                let left_deg = (*angle_deg - *turned_deg).abs();
                let is_over = view.time_ns >= *until_ns;
                if config.has_turned(left_deg, view) {
                    self.brake(DriveEnd::Turned);
                } else if is_over {
                    self.brake(DriveEnd::TimeOver);
                }
            }
        }
    }

    /// Power that it wants in the step that begins \[W\]: a wheel that is told 0 brakes without any.
    pub fn wanted_w(&self, config: &DriveConfig) -> f64 {
        let wanted = self.speeds_m_s.iter().zip(self.conditions);
        let wanted = wanted.filter(|(_, condition)| *condition == MotorCondition::Working);
        0.5 * config.power_w_per_m_s * wanted.map(|(speed_m_s, _)| speed_m_s.abs()).sum::<f64>()
    }

    /// What each wheel is told for the step.
    pub fn orders(&self) -> [WheelOrder; 2] {
        [0, 1].map(|wheel| {
            let told_m_s = self.speeds_m_s[wheel];
            let powered = if told_m_s == 0.0 { 1.0 } else { self.power_part };
            let (speed_m_s, part) = match self.conditions[wheel] {
                MotorCondition::Working => (told_m_s, powered),
                MotorCondition::Free => (told_m_s, 0.0),
                MotorCondition::Blocked => (0.0, 1.0),
            };
            WheelOrder { speed_m_s, part }
        })
    }
}

impl DriveConfig {
    /// Speed of the left wheel, against that of the right one, where so much of a turn is left \[m/s\].
    fn turning_m_s(&self, left_deg: f64) -> f64 {
        let most_m_s = self.turn.speed_m_s;
        let closing_m_s = self.turn.closing_per_s * left_deg * RAD_PER_DEG * self.half_track_m();
        closing_m_s.clamp(-most_m_s, most_m_s)
    }

    /// Whether so little of a turn is left, and so slow a rate, that what is left stays within the tolerance.
    fn has_turned(&self, left_deg: f64, view: &DriveView) -> bool {
        let [[_, left_m_s], [_, right_m_s]] = view.wheels_m_s;
        let tolerance_deg = self.turn.tolerance_deg;
        let slow_m_s = self.turn.closing_per_s * tolerance_deg * RAD_PER_DEG * self.half_track_m();
        left_deg <= tolerance_deg && (0.5 * (left_m_s - right_m_s)).abs() <= slow_m_s
    }
}
