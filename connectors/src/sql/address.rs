//! Where the database is, and how to say so without telling a secret.

use std::path::PathBuf;
use std::time::Duration;

use sluss_schemas::say;
use sluss_schemas::secret::{SecretRef, Value};
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;
use url::{Host, Url};

use super::options::{SqlOptions, TlsMode, TlsOptions};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret;

/// A database's address, ready to connect to. No `Debug`: it knows the password.
pub(super) enum Address {
    /// PostgreSQL.
    Postgres(Box<PgConnectOptions>),
    /// MariaDB or MySQL.
    MySql(Box<MySqlConnectOptions>),
    /// An SQLite file.
    Sqlite(Box<SqliteConnectOptions>, PathBuf),
    /// An ODBC connection string.
    Odbc(#[cfg_attr(not(feature = "odbc"), expect(dead_code, reason = "told that it cannot be used"))] String),
}

/// Reads the options. Gives the address and what it may be called. No I/O.
pub(super) fn resolve(options: &SqlOptions, timeout: Duration, io: &Io) -> Result<(Address, String)> {
    let either = say!(
        "ange var databasen finns: antingen `url = {{ secret = \"…\" }}` eller, för SQLite, `path = \"…\"`",
        "say where the database is: `url = {{ secret = \"…\" }}`, or `path = \"…\"` for SQLite, one of them"
    );
    match (&options.url, &options.path) {
        (Some(_), Some(_)) => {
            Err(ConnectorError::configuration(say!("både `url` och `path` är satta", "both `url` and `path` are set"))
                .hint(either))
        }
        (None, None) => Err(ConnectorError::configuration(say!(
            "varken `url` eller `path` är satt",
            "neither `url` nor `path` is set"
        ))
        .hint(either)),
        (None, Some(path)) => {
            if options.password.is_some() || options.tls.is_some() {
                return Err(ConnectorError::configuration(say!(
                    "`password` och `tls` gäller inte för en fil",
                    "`password` and `tls` do not apply to a file"
                ))
                .hint(say!("ta bort dem, eller ange `url`", "remove them, or say `url`")));
            }
            let file = io.base.join(path);
            let connect = SqliteConnectOptions::new()
                .filename(&file)
                .read_only(true)
                .create_if_missing(false)
                .busy_timeout(timeout.min(Duration::from_mins(1)))
                .pragma("query_only", "ON")
                .disable_statement_logging();
            Ok((Address::Sqlite(Box::new(connect), file), path.clone()))
        }
        (Some(url), None) => server(url, options, io),
    }
}

fn server(url: &Value, options: &SqlOptions, io: &Io) -> Result<(Address, String)> {
    let (text, written) = match url {
        Value::Plain(text) => (text.clone(), true),
        Value::Secret(secret) => (resolved(secret, io)?, false),
    };
    let password = options.password.as_ref().map(|secret| resolved(secret, io)).transpose()?;
    if let Some(string) = text.strip_prefix("odbc:") {
        return odbc(string, written, password.as_deref(), options);
    }
    // The parser's own error is left out: it may quote the address.
    let mut url = Url::parse(&text).map_err(|_| {
        ConnectorError::configuration(say!(
            "databasens adress går inte att tolka",
            "the database's address cannot be read"
        ))
        .hint(say!(
            "skriv den som postgresql://användare:lösenord@värd/databas; tecken som @ och / i ett \
             lösenord skrivs %40 och %2F",
            "write it as postgresql://user:password@host/database; signs such as @ and / in a password \
             as %40 and %2F"
        ))
    })?;
    if written && url.password().is_some() {
        return Err(ConnectorError::configuration(say!(
            "`url` är utskriven och innehåller ett lösenord",
            "`url` is written out and holds a password"
        ))
        .hint(say!(
            "lägg hela adressen i en hemlighet och skriv `url = {{ secret = \"…\" }}`",
            "put the whole address in a secret and write `url = {{ secret = \"…\" }}`"
        )));
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let place = format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
    let cannot = || {
        ConnectorError::configuration(say!(
            "databasens adress har ett tillägg som inte känns igen",
            "the database's address has an option that is not known"
        ))
        .at(&place)
        .hint(say!(
            "skriv bara postgresql://användare@värd/databas och ställ in TLS under `tls`",
            "keep to postgresql://user@host/database and set TLS under `tls`"
        ))
    };
    let tls = Tls::new(options.tls.as_ref(), &url, io)?;
    let address = match url.scheme() {
        "postgresql" | "postgres" => {
            let mut connect = PgConnectOptions::from_url(&url).map_err(|_| cannot())?;
            if let Some(password) = &password {
                connect = connect.password(password);
            }
            let connect = tls.postgres(connect).application_name("sluss").disable_statement_logging();
            Address::Postgres(Box::new(connect))
        }
        "mysql" | "mariadb" => {
            if url.scheme() == "mariadb" {
                url.set_scheme("mysql").map_err(|()| cannot())?;
            }
            let mut connect = MySqlConnectOptions::from_url(&url).map_err(|_| cannot())?;
            if let Some(password) = &password {
                connect = connect.password(password);
            }
            Address::MySql(Box::new(tls.mysql(connect).disable_statement_logging()))
        }
        _ => {
            return Err(ConnectorError::configuration(say!(
                "adressen börjar på ett sätt som inte känns igen",
                "the address's scheme is not known"
            ))
            .hint(say!(
                "dessa finns: postgresql, mariadb, mysql, odbc; en SQLite-fil anges med `path`",
                "there are: postgresql, mariadb, mysql, odbc; an SQLite file is given by `path`"
            )));
        }
    };
    Ok((address, place))
}

fn odbc(string: &str, written: bool, password: Option<&str>, options: &SqlOptions) -> Result<(Address, String)> {
    if options.tls.is_some() {
        return Err(ConnectorError::configuration(say!("`tls` gäller inte för ODBC", "`tls` does not apply to ODBC"))
            .hint(say!(
                "ta bort den; TLS ställs in med drivrutinens egna ord i anslutningssträngen",
                "remove it; the driver has its own words for TLS in the connection string"
            )));
    }
    let key = |part: &str| part.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    if written && string.split(';').any(|part| matches!(key(part).as_str(), "pwd" | "password")) {
        return Err(ConnectorError::configuration(say!(
            "`url` är utskriven och innehåller ett lösenord",
            "`url` is written out and holds a password"
        ))
        .hint(say!(
            "lägg hela anslutningssträngen i en hemlighet och skriv `url = {{ secret = \"…\" }}`",
            "put the whole connection string in a secret and write `url = {{ secret = \"…\" }}`"
        )));
    }
    let mut string = string.to_owned();
    if let Some(password) = password {
        // Braces take all signs; one that closes is doubled.
        string = format!("{string};PWD={{{}}}", password.replace('}', "}}"));
    }
    Ok((Address::Odbc(string), "odbc".to_owned()))
}

fn resolved(reference: &SecretRef, io: &Io) -> Result<String> {
    Ok(secret::resolve(reference, io)?.expose().trim_end_matches(['\r', '\n']).to_owned())
}

/// TLS as wished, or as fits the address.
struct Tls {
    mode: Option<TlsMode>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<String>,
}

impl Tls {
    fn new(options: Option<&TlsOptions>, url: &Url, io: &Io) -> Result<Self> {
        let none = TlsOptions::default();
        let options = options.unwrap_or(&none);
        let said = url.query_pairs().any(|(key, _)| key.starts_with("ssl") && key.ends_with("mode"));
        let near = match url.host() {
            None => true,
            // Outside http a host is not parsed any further.
            Some(Host::Domain(name)) => name == "localhost" || name.starts_with("127."),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
        };
        if options.certificate.is_some() != options.key.is_some() {
            return Err(ConnectorError::configuration(say!(
                "`tls.certificate` och `tls.key` hör ihop",
                "`tls.certificate` and `tls.key` belong together"
            ))
            .hint(say!("ange båda, eller ingen av dem", "set both, or neither")));
        }
        let fits = if near && options.ca.is_none() || said { None } else { Some(TlsMode::Verify) };
        let path = |path: &Option<String>| path.as_ref().map(|path| io.base.join(path));
        Ok(Self {
            mode: options.mode.or(fits),
            ca: path(&options.ca),
            certificate: path(&options.certificate),
            key: options.key.as_ref().map(|key| resolved(key, io)).transpose()?,
        })
    }

    fn postgres(self, mut connect: PgConnectOptions) -> PgConnectOptions {
        if let Some(mode) = self.mode {
            connect = connect.ssl_mode(match mode {
                TlsMode::Verify => PgSslMode::VerifyFull,
                TlsMode::Encrypt => PgSslMode::Require,
                TlsMode::Off => PgSslMode::Disable,
            });
        }
        if let Some(ca) = self.ca {
            connect = connect.ssl_root_cert(ca);
        }
        if let (Some(certificate), Some(key)) = (self.certificate, self.key) {
            connect = connect.ssl_client_cert(certificate).ssl_client_key_from_pem(key);
        }
        connect
    }

    fn mysql(self, mut connect: MySqlConnectOptions) -> MySqlConnectOptions {
        if let Some(mode) = self.mode {
            connect = connect.ssl_mode(match mode {
                TlsMode::Verify => MySqlSslMode::VerifyIdentity,
                TlsMode::Encrypt => MySqlSslMode::Required,
                TlsMode::Off => MySqlSslMode::Disabled,
            });
        }
        if let Some(ca) = self.ca {
            connect = connect.ssl_ca(ca);
        }
        if let (Some(certificate), Some(key)) = (self.certificate, self.key) {
            connect = connect.ssl_client_cert(certificate).ssl_client_key_from_pem(key);
        }
        connect
    }
}
