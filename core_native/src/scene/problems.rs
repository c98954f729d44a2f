//! Everything that is wrong with a document, collected so that one reading names it all.

use std::cell::RefCell;

use crate::error::{Error, Result};
use crate::scene::place::Place;

/// Most problems that are listed one by one; the others are counted.
pub const MAX_LISTED: usize = 100;

/// What a document describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentKind {
    /// What is in the scene, and the radars that watch it.
    #[default]
    Scenario,
    /// A vehicle: its body and what is built into it.
    Vehicle,
    /// What is to be alerted of.
    GuardRules,
}

impl DocumentKind {
    /// The word with which errors begin.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Vehicle => "vehicle",
            Self::GuardRules => "guard rules",
        }
    }
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Place in the document, as `targets[3].rcs_dbsm`; empty for the whole document.
    pub path: String,
    /// What is wrong, with value, limit and remedy.
    pub reason: String,
}

/// The problems of one document, in the order in which they were found.
///
/// A check reports to it through its [`Place`] and goes on. What is built of a document with
/// problems is thrown away by [`Problems::accept`], so it only has to be built without a panic.
#[derive(Debug, Default)]
pub struct Problems {
    kind: DocumentKind,
    found: RefCell<Found>,
}

#[derive(Debug, Default)]
struct Found {
    listed: Vec<Problem>,
    count: usize,
}

impl Problems {
    /// None yet, of a document of this kind.
    pub fn of(kind: DocumentKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The whole document, for checks that report here.
    pub const fn root(&self) -> Place<'_> {
        Place::root(self)
    }

    /// How many there are, also of those that are not listed.
    pub fn count(&self) -> usize {
        self.found.borrow().count
    }

    /// Take note of one.
    pub fn add(&self, path: String, reason: String) {
        let mut found = self.found.borrow_mut();
        found.count += 1;
        if found.listed.len() < MAX_LISTED {
            found.listed.push(Problem { path, reason });
        }
    }

    /// Give `built` if there is no problem, else all of them as one error.
    pub fn accept<T>(self, built: T) -> Result<T> {
        if self.count() == 0 { Ok(built) } else { self.refuse() }
    }

    /// Give all of them as one error.
    pub fn refuse<T>(self) -> Result<T> {
        let Found { listed, count } = self.found.into_inner();
        let unlisted = count - listed.len();
        Err(Error::Document { kind: self.kind, problems: listed, unlisted })
    }
}

/// The problems as lines of text, one each.
pub fn sentence(kind: DocumentKind, problems: &[Problem], unlisted: usize) -> String {
    let kind = kind.name();
    let line = |problem: &Problem| match problem {
        Problem { path, reason } if path.is_empty() => format!("{kind}: {reason}"),
        Problem { path, reason } => format!("{kind}: {path}: {reason}"),
    };
    let mut lines: Vec<String> = problems.iter().map(line).collect();
    if unlisted > 0 {
        lines.push(format!("{kind}: and {unlisted} more"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_problems_is_accepted() {
        assert_eq!(Problems::default().accept(7), Ok(7));
    }

    #[test]
    fn an_error_begins_with_the_kind_of_the_document() {
        let problems = Problems::of(DocumentKind::Vehicle);
        problems.root().key("mass_kg").number(0.0, 1.0, 9.0);
        let error = problems.accept(()).unwrap_err();
        assert_eq!(error.to_string(), "vehicle: mass_kg: is 0, must be 1 to 9");
    }

    #[test]
    fn every_problem_is_listed_up_to_the_limit_and_counted_beyond() {
        let problems = Problems::default();
        for index in 0..MAX_LISTED + 5 {
            problems.root().index(index).number(2.0, 0.0, 1.0);
        }
        assert_eq!(problems.count(), MAX_LISTED + 5);
        let error = problems.accept(()).unwrap_err();
        let text = error.to_string();
        assert_eq!(text.lines().count(), MAX_LISTED + 1);
        assert!(text.starts_with("scenario: [0]: is 2, must be 0 to 1\n"));
        assert!(text.ends_with("\nscenario: and 5 more"));
    }
}
