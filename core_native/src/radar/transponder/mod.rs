//! Secondary surveillance: transponders are asked, reply, and are understood or not.

pub mod gillham;
pub mod reply_train;
