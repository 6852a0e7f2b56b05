//! The protocol between server and node.

mod commands;
mod enrolment;
mod identity;
mod templates;
