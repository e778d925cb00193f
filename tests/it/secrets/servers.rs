//! Servers that tell everybody what they have been told: the worst that a secret can meet.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// Listens on the loopback, and gives each connection to `serve` in a thread of its own. Gives the port.
fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = std::sync::Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = std::sync::Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

/// An HTTP server. `/ratt` answers as it should, slowly enough to look at the process that asks; `/html`
/// is a web page, `/fel` a failure, `/nekad` a refusal and `/hit` leads elsewhere: each repeats the whole
/// request, its secrets decoded too, in body and headers. `/token` gives a token, `/tokenfel` does not.
pub(super) fn http(rows: &'static str, token: &'static str) -> u16 {
    listen(move |stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    return;
                }
            }
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            if reader.read_exact(&mut body).is_err() {
                return;
            }
            let all = format!("{head}{}", String::from_utf8_lossy(&body));
            let echo: String = all.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).collect();
            let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
            let (status, kind, more, body) = match path.as_str() {
                "/token" => ("200 OK", "application/json", String::new(), format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#)),
                "/tokenfel" => ("400 Bad Request", "application/json", String::new(), format!(r#"{{"error":"invalid_client","error_description":{}}}"#, serde_json::json!(echo))),
                path if path.starts_with("/sluss") => ("403 Forbidden", "application/xml", String::new(), format!("<Error><Code>AccessDenied</Code><Message>{echo}</Message></Error>")),
                path if path.starts_with("/ratt") => {
                    std::thread::sleep(Duration::from_millis(150));
                    ("200 OK", "application/json", String::new(), rows.to_owned())
                }
                "/html" => ("200 OK", "text/html", String::new(), format!("<html><body>{echo}</body></html>")),
                "/hit" => ("302 Found", "text/plain", format!("location: http://127.0.0.1:9/{}\r\n", echo.replace(' ', "+")), echo.clone()),
                "/nekad" => ("401 Unauthorized", "application/json", format!("www-authenticate: Bearer error=\"{}\"\r\n", echo.replace('"', "'")), serde_json::json!({ "fel": echo }).to_string()),
                "/utfall" => ("400 Bad Request", "application/fhir+json", String::new(), serde_json::json!({
                    "resourceType": "OperationOutcome",
                    "issue": [{ "severity": "error", "code": "security", "diagnostics": echo, "details": { "text": echo } }],
                }).to_string()),
                _ => ("500 Internal Server Error", "text/plain", format!("x-fel: {echo}\r\nserver: {echo}\r\n"), echo.clone()),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

/// A server that speaks PostgreSQL's protocol as far as the password, which it then repeats.
pub(super) fn postgres() -> u16 {
    listen(|mut stream| {
        let mut start = [0; 8];
        loop {
            if stream.read_exact(&mut start).is_err() {
                return;
            }
            let length = u32::from_be_bytes([start[0], start[1], start[2], start[3]]) as usize;
            let mut rest = vec![0; length.saturating_sub(8)];
            if stream.read_exact(&mut rest).is_err() {
                return;
            }
            // A question for TLS is answered with no; what follows is the startup message.
            if length == 8 {
                let _ = stream.write_all(b"N");
            } else {
                break;
            }
        }
        // In clear text, please.
        let _ = stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]);
        let mut head = [0; 5];
        if stream.read_exact(&mut head).is_err() {
            return;
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut password = vec![0; length.saturating_sub(4)];
        if stream.read_exact(&mut password).is_err() {
            return;
        }
        password.retain(|byte| *byte != 0);
        let password = String::from_utf8_lossy(&password).into_owned();
        let fields = format!(
            "SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed: {password}\0D{password}\0H{password}\0\0"
        );
        let mut error = vec![b'E'];
        error.extend(u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
        error.extend(fields.as_bytes());
        let _ = stream.write_all(&error);
    })
}

/// A directory that refuses whoever binds, and repeats what it was told.
pub(super) fn ldap() -> u16 {
    listen(|mut stream| {
        let mut question = [0; 4096];
        while let Ok(length) = stream.read(&mut question) {
            if length == 0 {
                return;
            }
            // The password is the last part of a simple bind: printable, after its tag and length.
            let at = question[..length].iter().rposition(|byte| *byte == 0x80).map_or(0, |at| at + 2);
            let told = &question[at..length];
            let mut result = vec![0x0a, 1, 49, 4, 0, 4, u8::try_from(told.len()).unwrap_or(0)];
            result.extend(told);
            let mut message = vec![2, 1, 1, 0x61, u8::try_from(result.len()).unwrap()];
            message.extend(result);
            let mut answer = vec![0x30, u8::try_from(message.len()).unwrap()];
            answer.extend(message);
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    })
}
