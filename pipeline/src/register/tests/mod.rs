//! One suite for both databases: every test here runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL's tests start a server of their own where its programs are installed, and otherwise
//! say that they are skipped.

mod asked;
mod crash;
mod faults;
mod guards;
mod harness;
mod ledger;
mod publishing;
mod revision;
mod roles;
mod speed;
mod timetable;
mod watched;

/// Makes two tests of one: `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($on:ident: On) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "each test takes what it needs")]
            use super::*;

            async fn test($on: On) $body

            #[test]
            $(#[$meta])*
            fn sqlite() {
                harness::runtime().block_on(async { test(On::sqlite().await).await });
            }

            #[test]
            $(#[$meta])*
            fn postgres() {
                harness::runtime().block_on(async {
                    if let Some(on) = On::postgres().await {
                        test(on).await;
                    }
                });
            }
        }
    )*};
}
pub(crate) use both;

/// [`both`], and `name::roles`: PostgreSQL with roles, through a login that owns no table.
macro_rules! everywhere {
    ($($(#[$meta:meta])* async fn $name:ident($on:ident: On) $body:block)*) => {
        $crate::register::tests::both! { $($(#[$meta])* async fn $name($on: On) $body)* }

        mod in_roles {
            $(
            #[test]
            $(#[$meta])*
            fn $name() {
                #[allow(unused_imports, reason = "each test takes what it needs")]
                use super::*;
                async fn test($on: On) $body
                harness::runtime().block_on(async {
                    if let Some(on) = On::postgres_in_roles().await {
                        test(on).await;
                    }
                });
            }
            )*
        }
    };
}
pub(crate) use everywhere;
