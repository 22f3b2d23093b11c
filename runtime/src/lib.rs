//! runtime

pub mod pack;
