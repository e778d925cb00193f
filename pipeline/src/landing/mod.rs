//! The landing zone: the original bytes of everything that came in, encrypted, so that each published
//! value can be traced to its source and a run can be repeated with a mended mapping.
//!
//! `<zone>/<owner>/<aa>/<sha256>.<run>` is the object whose plain bytes have that SHA-256 (`aa` is
//! its first byte). What content addressing means where each delivery has a key of its own:
//!
//! - *Within a delivery* a content is kept once, however many files hold it; each file is still
//!   listed by name.
//! - *Between deliveries* nothing is shared, on purpose: each is erased alone, has a retention of its
//!   own, and must stay readable when another one's key is destroyed. That costs disk, not time,
//!   since the digest is known only when all bytes have been encrypted; and where a run turns out to
//!   have the input of an earlier one ([`Incoming::input_digest`]), the pipeline keeps the earlier
//!   one's objects and gives its own back with [`Zone::erase`].
//! - The address is that of the plain bytes, so all copies of a file can be found
//!   ([`Zone::copies`]), for instance those of a contract that its region decides not to register.
//!   It tells those who can list the folder that two deliveries are alike, and nothing else.
//!
//! An object is written to a temporary file, brought to disk and renamed: it is there whole, or not
//! at all. Reading it verifies every frame ([`crate::keys::seal`]) and, at the end, the address.

mod content;
mod incoming;
mod object;
mod sweep;
mod zone;

pub use content::ContentId;
pub use incoming::{Incoming, Landed, input_digest};
pub use object::ObjectReader;
pub use sweep::Swept;
pub use zone::Zone;
pub(crate) use zone::size;

#[cfg(test)]
mod tests;
