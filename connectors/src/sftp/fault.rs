//! What a server's refusals and broken connections mean, and who must act.

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::error::ConnectorError;

/// Why something did not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection is of no use any longer: a new one may be.
    Broken(ConnectorError),
    /// What was asked for does not exist.
    Missing,
    /// The user may not do it.
    Denied,
    /// There is nothing after this.
    End,
    /// The server will not, for a reason that it keeps to itself.
    Unwilling(ConnectorError),
    /// Trying again does not help.
    Final(ConnectorError),
}

impl From<SftpError> for Fault {
    /// What the server says in words is left out: it is for its own users, and may quote anything.
    fn from(error: SftpError) -> Self {
        match &error {
            SftpError::Status(status) => match status.status_code {
                StatusCode::NoSuchFile => Self::Missing,
                StatusCode::PermissionDenied => Self::Denied,
                StatusCode::Eof => Self::End,
                StatusCode::NoConnection | StatusCode::ConnectionLost => broken(),
                StatusCode::Ok | StatusCode::Failure | StatusCode::BadMessage | StatusCode::OpUnsupported => {
                    Self::Unwilling(unwilling())
                }
            },
            SftpError::UnexpectedPacket | SftpError::Limited(_) => Self::Final(unwilling()),
            SftpError::IO(_) | SftpError::Timeout | SftpError::UnexpectedBehavior(_) => broken(),
        }
    }
}

impl Fault {
    /// As an error for people.
    pub(super) fn into_error(self) -> ConnectorError {
        match self {
            Self::Broken(error) | Self::Unwilling(error) | Self::Final(error) => error,
            Self::Missing | Self::End => {
                ConnectorError::source(say!("det finns inte på servern", "the server does not have it"))
                    .hint(say!(
                        "kontrollera `folder` med den som sköter servern, och kör igen",
                        "check `folder` with whoever runs the server, and run again"
                    ))
                    .retryable()
            }
            Self::Denied => ConnectorError::configuration(say!(
                "användaren får inte göra det på servern",
                "the user may not do that on the server"
            ))
            .hint(say!(
                "be den som sköter servern om läsrätt i mappen, och skrivrätt där om filer ska flyttas",
                "ask whoever runs the server for the right to read the folder, and to write there if files are to move"
            )),
        }
    }
}

/// The connection is gone.
pub(super) fn broken() -> Fault {
    Fault::Broken(unreachable(say!("anslutningen till servern bröts", "the connection to the server broke")))
}

/// The server is silent.
pub(super) fn silent() -> Fault {
    Fault::Broken(unreachable(say!("servern svarar inte i tid", "the server does not answer in time")))
}

/// Something about the network or the server that passes by itself.
pub(super) fn unreachable(what: Message) -> ConnectorError {
    ConnectorError::source(what)
        .hint(say!(
            "kontrollera att servern är igång och kan nås härifrån, och kör igen",
            "check that the server is running and can be reached from here, and run again"
        ))
        .retryable()
}

fn unwilling() -> ConnectorError {
    ConnectorError::source(say!("servern kunde inte göra det", "the server could not do that"))
        .hint(say!("se i serverns egen logg varför", "see in the server's own log why"))
        .retryable()
}
