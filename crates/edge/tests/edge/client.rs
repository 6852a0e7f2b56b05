//! An HTTP client that sends what it is told to, malformed or not.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use rustix::net;

use crate::TestResult;

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Response {
    /// A header of the response.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.head, name)
    }

    /// A header of the request as the application saw it, where the application answered.
    pub fn seen(&self, name: &str) -> Option<&str> {
        self.header("X-Echo")?;
        find_header(&self.body, name)
    }

    /// How often the application saw a header of this name, in whatever spelling.
    pub fn seen_count(&self, name: &str) -> usize {
        let wanted = normalised(name);
        let names = self.body.lines().filter_map(|line| line.split_once(": "));
        names.filter(|(seen, _)| normalised(seen) == wanted).count()
    }
}

/// A connection to the edge on which nothing has been sent.
pub fn connect(address: SocketAddr) -> TestResult<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

/// The same from another of this machine's addresses.
pub fn connect_from(source: SocketAddr, address: SocketAddr) -> TestResult<TcpStream> {
    let socket = net::socket(net::AddressFamily::INET, net::SocketType::STREAM, None)?;
    net::bind(&socket, &source)?;
    net::connect(&socket, &address)?;
    Ok(TcpStream::from(socket))
}

/// Sends these bytes and reads the answer to its end.
pub fn exchange(address: SocketAddr, request: &[u8]) -> TestResult<Response> {
    exchange_on(&mut connect(address)?, request)
}

/// The same on a connection that is open, and stays so where the edge leaves it open.
pub fn exchange_on(stream: &mut TcpStream, request: &[u8]) -> TestResult<Response> {
    stream.write_all(request)?;
    let answer = read_answer(stream)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").ok_or("an answer without a head")?;
    let status = head
        .split(' ')
        .nth(1)
        .ok_or("an answer without a status")?
        .parse()?;
    Ok(Response {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// All bytes up to the announced length, or to the end of the connection, which the edge leaves open
/// for a while where it refused to read a body.
fn read_answer(stream: &mut TcpStream) -> TestResult<Vec<u8>> {
    let mut answer = Vec::new();
    let mut buffer = [0; 65_536];
    while !is_complete(&answer) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
            // A refused connection may end with a reset; what was read before counts.
            Err(_) if !answer.is_empty() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(answer)
}

fn is_complete(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]);
    let length = find_header(&head, "Content-Length").and_then(|length| length.parse().ok());
    length.is_some_and(|length: usize| answer.len() >= end + 4 + length)
}

fn find_header<'text>(text: &'text str, name: &str) -> Option<&'text str> {
    let mut headers = text.lines().filter_map(|line| line.split_once(": "));
    headers
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// The name as WSGI knows it, where "-" and "_" are one.
fn normalised(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}
