//! The protocol between server and node.

mod commands;
mod enrolment;
mod identity;
mod moving;
mod templates;
