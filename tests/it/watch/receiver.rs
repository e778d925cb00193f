//! One who takes posts: a small HTTP server on a free port of the machine, which keeps what it is given.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// A post that came.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Post {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The server. Its thread ends with the test's process.
pub(crate) struct Receiver {
    pub(crate) url: String,
    posts: Arc<Mutex<Vec<Post>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (posts, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let (keep, answer) = (Arc::clone(&posts), Arc::clone(&status));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (keep, answer) = (Arc::clone(&keep), Arc::clone(&answer));
                std::thread::spawn(move || talk(&stream, &keep, &answer));
            }
        });
        Self { url, posts, status }
    }

    /// Answers so from now on. What is refused is not kept.
    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What has come since this was last asked.
    pub(crate) fn taken(&self) -> Vec<Post> {
        std::mem::take(&mut self.posts.lock().unwrap())
    }
}

/// Requests on one connection, until it is closed.
fn talk(stream: &TcpStream, keep: &Mutex<Vec<Post>>, answer: &AtomicU16) {
    let mut reader = BufReader::new(stream);
    while let Some(post) = read(&mut reader) {
        let status = answer.load(Ordering::SeqCst);
        if status == 200 {
            keep.lock().unwrap().push(post);
        }
        let said = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        if (&mut &*stream).write_all(said.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Post> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut post = Post { path, headers, body: Vec::new() };
    let length: usize = post.header("content-length")?.parse().ok()?;
    post.body = vec![0; length];
    reader.read_exact(&mut post.body).ok()?;
    Some(post)
}
