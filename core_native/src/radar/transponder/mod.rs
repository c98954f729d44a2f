//! Secondary surveillance: transponders are asked, reply, and are understood or not.
//!
//! Each look hears replies (`interrogation`), the frame adds those to other interrogators
//! (`fruit`), their pulses meet (`garble`), and what is read of them goes to the plots
//! (`surveillance`).

pub mod fruit;
pub mod garble;
pub mod gillham;
pub mod heard;
pub mod identity_swap;
pub mod interrogation;
pub mod interrogator;
pub mod reply;
pub mod reply_rows;
pub mod reply_train;
pub mod responders;
pub mod surveillance;
