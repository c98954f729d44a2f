//! How far tracks are from the truth, and whether a filter's covariances are honest.
//!
//! Two sets are compared by optimal assignment below a cutoff ([`assigned_pairs`]): [`gospa`] and
//! [`ospa`] at one time, [`siap`] over a run with identities. Errors over their covariances
//! ([`normalised_error`]) are compared with the chi-squared distribution ([`consistency`]).

pub mod assigned_pairs;
pub mod chi_squared_quantile;
pub mod consistency;
pub mod cutoff;
pub mod gospa;
pub mod incomplete_gamma;
pub mod normalised_error;
pub mod object_history;
pub mod ospa;
pub mod point_set;
pub mod siap;
pub mod student_t;
