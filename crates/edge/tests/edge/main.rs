//! What visitors and clients meet: the rendered files, read by a real nginx in front of an echoing application.

mod appearance;
mod caching;
mod client;
mod digest;
mod echo;
mod files;
mod forgery;
mod hosts;
mod nginx;
mod pages;
mod paths;
mod preview;
mod proxying;
mod restricted;
mod scale;
mod states;

/// Any failure ends a test.
type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;
