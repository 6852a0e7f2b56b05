//! An application that answers every request with the request itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use crate::TestResult;

/// The path that is answered with a 404 of the application's own.
pub const MISSING: &str = "/application-says-404";

/// The path whose answer tries to fetch a page of the edge's.
pub const ACCEL: &str = "/application-redirects-inside";

/// The path on which the application logs its visitor out and falls silent before its answer has begun.
pub const BROKEN: &str = "/application-breaks-off";

/// Starts the application under a name, which its answers carry in `X-Echo`. It ends with the test.
pub fn start(name: &'static str) -> TestResult<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that nginx drops is no failure of the test.
            thread::spawn(move || drop(serve(&stream, name)));
        }
    });
    Ok(address)
}

fn serve(stream: &TcpStream, name: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(head) = read_head(&mut reader)? {
        let lower = head.to_ascii_lowercase();
        if lower.contains("\r\nupgrade: websocket\r\n") {
            return upgrade(stream, &mut reader, &head);
        }
        if head.contains(BROKEN) {
            return (&mut &*stream).write_all(b"HTTP/1.1 200 OK\r\nSet-Cookie: session_id=; Max-Age=0\r\n");
        }
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        let received = std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
        let body = format!("{head}received {received}\n");
        let status = if head.contains(MISSING) {
            "404 Not Found"
        } else {
            "200 OK"
        };
        let extra = if head.contains(ACCEL) {
            "X-Accel-Redirect: /.edge-pages/suspended.es.html\r\n"
        } else {
            ""
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nX-Echo: {name}\r\n{extra}Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        // In one piece: the kernel would hold a second piece back until the first is acknowledged, 40 ms later.
        (&mut &*stream).write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// The request up to its empty line, or nothing where the connection has ended.
fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(head))
}

/// Sends the head as the first bytes after the switch, then every byte that comes.
fn upgrade(mut stream: &TcpStream, reader: &mut impl BufRead, head: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n{head}"
    )?;
    std::io::copy(reader, &mut stream)?;
    Ok(())
}
