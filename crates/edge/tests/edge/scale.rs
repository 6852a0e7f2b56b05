//! A hundred thousand tenants on one node, each a file in one flat folder.

#![expect(
    clippy::disallowed_methods,
    reason = "it tells how long answers take, and nothing depends on that"
)]

use std::{
    collections::HashSet,
    fs,
    net::TcpStream,
    time::{Duration, Instant},
};

use edge::HostState::{Active, Restricted};

use crate::{TestResult, client, nginx::Edge};

const MANY: u32 = 100_000;
const FEW: u32 = 10;

/// Tenants of each edge whose answers' time is taken, twice each, on one connection: nginx ends it after 1,000.
const SAMPLE: u32 = 450;

fn database(number: u32) -> String {
    format!("tenant_{number:06}")
}

fn host(number: u32) -> String {
    format!("tenant-{number:06}.localhost")
}

/// An edge that starts with so many tenants. Their markers are names of one empty file, or of a few: making a
/// file for each takes ten times as long, and nginx asks for the name alone.
fn start(tenants: u32) -> TestResult<Edge> {
    Edge::start_with(|settings| {
        fs::create_dir_all(format!("{}/{}", settings.hosts_dir, Active.folder()))?;
        let marker =
            |number: u32| -> TestResult<String> { Ok(Active.marker(settings, &database(number).parse()?)) };
        for number in 0..tenants {
            // Most file systems allow a file 65,000 names.
            let first = number - number % 10_000;
            if number == first {
                fs::write(marker(number)?, "")?;
            } else {
                fs::hard_link(marker(first)?, marker(number)?)?;
            }
        }
        Ok(())
    })
}

/// Knuth's linear congruential generator: the same sample each time, without order.
struct Sample(u64);

impl Sample {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap_or_default()
    }
}

/// The time of one answer on an open connection, which must be the application's.
fn time(stream: &mut TcpStream, host: &str) -> TestResult<Duration> {
    let request = format!("GET /web HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let began = Instant::now();
    let answer = client::exchange_on(stream, request.as_bytes())?;
    let took = began.elapsed();
    assert_eq!(answer.header("X-Echo"), Some("http"), "{host}: {}", answer.status);
    Ok(took)
}

/// How long answers took: for hosts that nobody had asked for, and for the same hosts again.
#[derive(Debug, Default)]
struct Times {
    first: Vec<Duration>,
    again: Vec<Duration>,
}

impl Times {
    /// The medians in microseconds.
    fn medians(&mut self) -> (f64, f64) {
        let [first, again] = [&mut self.first, &mut self.again].map(|times| {
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64() * 1e6
        });
        (first, again)
    }
}

/// How much longer answers take with many tenants than with few, in words.
fn latency([few, many]: [&Edge; 2]) -> TestResult<String> {
    let mut connections = [client::connect(few.address)?, client::connect(many.address)?];
    let mut times = [Times::default(), Times::default()];
    let mut sample = Sample(11);
    for _ in 0..SAMPLE {
        let picked = sample.below(MANY);
        // In turns, so that what else the machine does meets both.
        for (at, number) in [picked % FEW, picked].into_iter().enumerate() {
            times[at].first.push(time(&mut connections[at], &host(number))?);
            times[at].again.push(time(&mut connections[at], &host(number))?);
        }
    }
    let [(few, few_again), (many, many_again)] = times.each_mut().map(Times::medians);
    Ok(format!(
        "median answer with {MANY} markers: {many:.0} µs at a host's first request, {many_again:.0} µs later; \
         with {FEW}: {few:.0} and {few_again:.0} µs; added: {:+.0} and {:+.0} µs",
        many - few,
        many_again - few_again
    ))
}

#[test]
fn a_hundred_thousand_tenants_are_told_apart() -> TestResult {
    let edge = start(MANY)?;
    println!("{}", latency([&start(FEW)?, &edge])?);
    let mut sample = Sample(7);
    for _ in 0..300 {
        let number = sample.below(MANY);
        let answer = edge.get(&host(number), "/web")?;
        let filter = format!("^{}$", database(number));
        assert_eq!(answer.seen("X-Odoo-dbfilter"), Some(filter.as_str()));
        let unknown = host(MANY + number);
        assert_eq!(edge.get(&unknown, "/web")?.status, 404, "{unknown}");
    }
    let numbers: HashSet<u32> = (0..50).map(|_| sample.below(MANY)).collect();
    for number in numbers {
        edge.mark(Restricted, &database(number))?;
        assert_eq!(edge.get(&host(number), "/web")?.status, 402);
        edge.unmark(Active, &database(number))?;
        edge.unmark(Restricted, &database(number))?;
        assert_eq!(edge.get(&host(number), "/web")?.status, 404);
    }
    Ok(())
}
