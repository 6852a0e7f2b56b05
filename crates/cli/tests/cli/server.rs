//! A small HTTP/1.1 server: one closure answers, every request is remembered, connections can be broken.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// `POST /api/tenants?x=y`.
    pub line: String,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// A header's value, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// What to answer.
pub enum Reply {
    /// Status, further headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// A stream of server-sent events that breaks off or ends after them.
    Events(Vec<String>),
    /// Events, then silence with the connection open.
    Silence(Vec<String>),
    /// The connection is closed without a word.
    HangUp,
}

/// An answer of JSON.
pub fn json(status: u16, body: impl Into<String>) -> Reply {
    Reply::Answer(status, Vec::new(), body.into())
}

type Respond = Arc<dyn Fn(&Received, usize) -> Reply + Send + Sync>;

/// The server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts one. The closure gets the request and how many came with the same first line before it.
    pub async fn start(respond: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (respond, log): (Respond, _) = (Arc::new(respond), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, respond.clone(), log.clone()));
            }
        });
        Self { address, seen }
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Received> {
        self.seen.lock().unwrap().clone()
    }

    /// The first lines of every request so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|request| request.line).collect()
    }
}

async fn serve(stream: TcpStream, respond: Respond, log: Arc<Mutex<Vec<Received>>>) {
    let mut stream = BufReader::new(stream);
    let Some(request) = receive(&mut stream).await else {
        return;
    };
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|seen| seen.line == request.line).count();
        log.push(request.clone());
        before
    };
    let _closed_by_client = send(stream.get_mut(), respond(&request, before)).await;
}

async fn receive(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let line = first.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut received = Received {
        line,
        headers,
        body: String::new(),
    };
    let mut body = vec![0; received.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    received.body = String::from_utf8(body).ok()?;
    Some(received)
}

async fn send(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let events = |events: &[String]| {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: hello\n\n";
        let events: String = events
            .iter()
            .map(|data| format!("event: operation\ndata: {data}\n\n"))
            .collect();
        format!("{head}{events}")
    };
    match reply {
        Reply::HangUp => Ok(()),
        Reply::Events(data) => stream.write_all(events(&data).as_bytes()).await,
        Reply::Silence(data) => {
            stream.write_all(events(&data).as_bytes()).await?;
            std::future::pending().await
        }
        Reply::Answer(status, headers, body) => {
            let kind = if status < 400 {
                "application/json"
            } else {
                "application/problem+json"
            };
            let headers: String = headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{headers}"
            );
            stream
                .write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
                .await
        }
    }
}
