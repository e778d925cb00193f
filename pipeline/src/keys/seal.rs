//! Sealed objects: a stream of bytes, encrypted and authenticated in frames.
//!
//! ```text
//! header  8 bytes  "SLUSS" · form (1) · kind · log2 of the frame size
//!        32 bytes  salt
//! frame   ≤ 64 KiB of ciphertext · 16 bytes of tag      repeated; only the last may be shorter
//! ```
//!
//! The object's key is the keyed BLAKE3 hash, under the delivery's data key, of the header, the
//! owner and the run. Whatever of these is changed, nothing opens; and destroying the salt alone
//! destroys the one object. Frames are AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar,
//! Rogaway, Vizár, 2015; `aead-stream`'s `StreamBE32`): the nonce is seven zero bytes, since each
//! object has its own key, the frame's number (32 bits, big endian) and one byte that is 1 in the
//! last frame only. So frames cannot be left out, repeated, reordered or cut off unnoticed. An empty
//! object is one empty last frame.

use std::io::{self, Read, Write};

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::{Zeroize, Zeroizing};

use super::file::random;
use super::store::DataKey;
use super::{Error, Result};

/// Bytes before the first frame; overwriting them destroys the object.
pub const HEADER: usize = 40;
/// log2 of the bytes of plain text in a frame: large enough for a system call, small enough to stay
/// in the processor's cache between hashing, copying and encrypting.
const FRAME_LOG2: u8 = 16;
const TAG: usize = 16;
const FORM: u8 = 1;

/// What an object holds. Part of its key: one kind cannot be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file's original bytes.
    Landed,
    /// Rejected rows.
    Quarantine,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Landed => b'L',
            Self::Quarantine => b'Q',
        }
    }
}

type Stream = StreamBE32<Aes256Gcm>;

fn stream(key: &DataKey, header: &[u8; HEADER]) -> Stream {
    let mut hash = blake3::Hasher::new_keyed(key.bytes());
    hash.update(b"sluss object key 1\0").update(header).update(&key.delivery().context());
    let mut object_key = Zeroizing::new([0; 32]);
    hash.finalize_xof().fill(&mut *object_key);
    hash.zeroize();
    Stream::from_aead(Aes256Gcm::new((&*object_key).into()), &[0; 7].into())
}

fn prefix(kind: Kind, frame_log2: u8) -> [u8; 8] {
    [b'S', b'L', b'U', b'S', b'S', FORM, kind.byte(), frame_log2]
}

/// Encrypts what is written to it. Bytes that were not followed by [`finish`](Self::finish) cannot
/// be read back as an object.
pub struct SealWriter<W> {
    out: W,
    stream: Stream,
    frame: Zeroizing<Vec<u8>>,
    size: usize,
    position: u32,
}

impl<W: Write> SealWriter<W> {
    /// Begins an object.
    pub fn new(out: W, key: &DataKey, kind: Kind) -> Result<Self> {
        Self::with_frames(out, key, kind, FRAME_LOG2)
    }

    fn with_frames(mut out: W, key: &DataKey, kind: Kind, frame_log2: u8) -> Result<Self> {
        let mut header = [0; HEADER];
        let salt: [u8; 32] = random()?;
        for (to, from) in header.iter_mut().zip(prefix(kind, frame_log2).iter().chain(&salt)) {
            *to = *from;
        }
        out.write_all(&header).map_err(written)?;
        let size = 1_usize << frame_log2;
        Ok(Self {
            out,
            stream: stream(key, &header),
            frame: Zeroizing::new(Vec::with_capacity(size + TAG)),
            size,
            position: 0,
        })
    }

    /// Seals the last frame and gives the output back, not flushed.
    pub fn finish(mut self) -> Result<W> {
        self.seal(true)?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> Result<()> {
        self.stream.encrypt_in_place(self.position, last, &[], &mut *self.frame).map_err(|_| Error::TooLarge)?;
        self.out.write_all(&self.frame).map_err(written)?;
        self.frame.clear();
        self.position = self.position.checked_add(1).ok_or(Error::TooLarge)?;
        Ok(())
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full frame waits: only more bytes, or the end, tell whether it is the last.
        if self.frame.len() == self.size && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(self.size - self.frame.len());
        self.frame.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Frames are full or last: there is nothing that could be written earlier.
        Ok(())
    }
}

fn written(source: io::Error) -> Error {
    Error::Io { path: "the object".into(), act: "written", source }
}

/// Decrypts an object, frame by frame; gives no byte that was not verified.
pub struct SealReader<R> {
    input: R,
    stream: Stream,
    /// The frame being handed out.
    frame: Zeroizing<Vec<u8>>,
    /// How much of it has been.
    given: usize,
    size: usize,
    position: u32,
    /// One byte of the next frame: whether there is one decides what this one must be.
    ahead: Option<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The last frame has been verified.
    Done,
    /// Something did not hold: nothing more comes out, not even an end.
    Broken,
}

impl<R: Read> SealReader<R> {
    /// Reads the header; the first frame is verified by the first read.
    pub fn new(mut input: R, key: &DataKey, kind: Kind) -> Result<Self> {
        let mut header = [0; HEADER];
        if fill(&mut input, &mut header)? < HEADER {
            return Err(Error::Truncated { whole: 0 });
        }
        let frame_log2 = header[7];
        if header.get(..8) != Some(prefix(kind, frame_log2).as_slice()) || !(4..=24).contains(&frame_log2) {
            return Err(Error::NotSealed);
        }
        let mut reader = Self {
            input,
            stream: stream(key, &header),
            frame: Zeroizing::default(),
            given: 0,
            size: 1 << frame_log2,
            position: 0,
            ahead: None,
            state: State::Reading,
        };
        reader.ahead = reader.one()?;
        Ok(reader)
    }

    fn one(&mut self) -> Result<Option<u8>> {
        let mut byte = [0];
        Ok((fill(&mut self.input, &mut byte)? == 1).then_some(byte[0]))
    }

    fn next_frame(&mut self) -> Result<()> {
        let whole = self.position;
        let Some(first) = self.ahead.take() else { return Err(Error::Truncated { whole }) };
        let full = self.size + TAG;
        self.frame.clear();
        self.frame.resize(full, 0);
        self.given = 0;
        let mut length = 1;
        if let Some((head, rest)) = self.frame.split_first_mut() {
            *head = first;
            length += fill(&mut self.input, rest)?;
        }
        self.frame.truncate(length);
        if length == full {
            self.ahead = self.one()?;
        }
        let last = self.ahead.is_none();
        if length < TAG {
            return Err(Error::Truncated { whole });
        }
        if self.stream.decrypt_in_place(self.position, last, &[], &mut *self.frame).is_err() {
            // A frame that ends the bytes and is not the last one: the rest has been cut off.
            let cut = last && self.stream.decrypt_in_place(self.position, false, &[], &mut *self.frame).is_ok();
            return Err(if cut { Error::Truncated { whole: whole + 1 } } else { Error::Altered { frame: whole } });
        }
        self.state = if last { State::Done } else { State::Reading };
        self.position = self.position.checked_add(1).ok_or(Error::TooLarge)?;
        Ok(())
    }
}

impl<R: Read> Read for SealReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.frame.len() {
            if self.state == State::Done || out.is_empty() {
                return Ok(0);
            }
            if self.state == State::Broken {
                return Err(Error::Altered { frame: self.position }.into());
            }
            if let Err(error) = self.next_frame() {
                self.state = State::Broken;
                self.frame.zeroize();
                self.given = 0;
                return Err(error.into());
            }
        }
        let left = self.frame.get(self.given..).unwrap_or_default();
        let taken = left.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..taken), left.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.given += taken;
        Ok(taken)
    }
}

/// Reads until `out` is full or the input ends; how many bytes came.
fn fill(input: &mut impl Read, out: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::Io { path: "the object".into(), act: "read", source }),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::keys::{Delivery, Kept, KeySet, KeyStore};

    fn key(run: &str) -> DataKey {
        let home = tempfile::tempdir().unwrap();
        let masters = Arc::new(KeySet::parse("master", &format!("{:0>64}", "1")).unwrap());
        let delivery = Delivery::new("22", run).unwrap();
        KeyStore::open(home.path(), masters).create(&delivery, Kept::default(), chrono::DateTime::UNIX_EPOCH).unwrap()
    }

    fn seal(key: &DataKey, plain: &[u8], pieces: usize) -> Vec<u8> {
        let mut writer = SealWriter::with_frames(Vec::new(), key, Kind::Landed, 6).unwrap();
        for piece in plain.chunks(pieces.max(1)) {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap()
    }

    fn open(key: &DataKey, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut reader = SealReader::new(sealed, key, Kind::Landed)?;
        match reader.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(e) => {
                assert!(reader.read(&mut [0]).is_err(), "an error must not turn into an end");
                Err(*e.into_inner().unwrap().downcast().unwrap())
            }
        }
    }

    #[test]
    fn the_sizes_around_a_frame_come_back() {
        let key = key("r");
        for size in [0_usize, 1, 63, 64, 65, 127, 128, 129, 640] {
            let plain: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let sealed = seal(&key, &plain, 7);
            let frames = size.div_ceil(64).max(1);
            assert_eq!(sealed.len(), HEADER + size + frames * TAG);
            assert_eq!(open(&key, &sealed).unwrap(), plain);
        }
    }

    #[test]
    fn the_same_bytes_are_sealed_differently_each_time() {
        let key = key("r");
        assert_ne!(seal(&key, b"samma", 9), seal(&key, b"samma", 9));
    }

    #[test]
    fn cutting_at_a_frame_is_told_as_such() {
        let key = key("r");
        let sealed = seal(&key, &[7; 200], 200);
        let frame = 64 + TAG;
        let at = |n: usize| open(&key, &sealed[..HEADER + n * frame]);
        assert!(matches!(at(0), Err(Error::Truncated { whole: 0 })));
        assert!(matches!(at(1), Err(Error::Truncated { whole: 1 })));
        assert!(matches!(at(3), Err(Error::Truncated { whole: 3 })));
        assert!(matches!(open(&key, &sealed[..HEADER + 3]), Err(Error::Truncated { whole: 0 })));
        assert!(matches!(open(&key, &sealed[..9]), Err(Error::Truncated { whole: 0 })));
    }

    #[test]
    fn frames_cannot_be_swapped_repeated_or_appended() {
        let key = key("r");
        let sealed = seal(&key, &(0..192).collect::<Vec<u8>>(), 64);
        let (header, frames) = sealed.split_at(HEADER);
        let frame: Vec<_> = frames.chunks(64 + TAG).collect();
        for order in [&[1_usize, 0, 2][..], &[0, 0, 1, 2], &[0, 2], &[0, 1, 2, 2], &[2]] {
            let mut other = header.to_vec();
            for &i in order {
                other.extend_from_slice(frame[i]);
            }
            assert!(open(&key, &other).is_err(), "{order:?}");
        }
    }

    #[test]
    fn another_key_kind_or_delivery_opens_nothing() {
        let (one, other) = (key("a"), key("b"));
        let sealed = seal(&one, b"hej", 3);
        assert!(matches!(open(&other, &sealed), Err(Error::Altered { frame: 0 })));
        assert!(matches!(SealReader::new(&sealed[..], &one, Kind::Quarantine), Err(Error::NotSealed)));
        assert!(matches!(
            open(&one, b"PK\x03\x04 something else that is long enough for a header"),
            Err(Error::NotSealed)
        ));
    }

    proptest! {
        #[test]
        fn any_size_in_any_pieces_comes_back(
            plain in proptest::collection::vec(any::<u8>(), 0..1000),
            pieces in 1_usize..300,
        ) {
            let key = key("r");
            prop_assert_eq!(open(&key, &seal(&key, &plain, pieces)).unwrap(), plain);
        }

        #[test]
        fn any_changed_byte_and_any_cut_is_noticed(
            plain in proptest::collection::vec(any::<u8>(), 0..400),
            at in any::<prop::sample::Index>(),
            flip in 1_u8..,
        ) {
            let key = key("r");
            let sealed = seal(&key, &plain, 50);
            let place = at.index(sealed.len());
            let mut changed = sealed.clone();
            changed[place] ^= flip;
            prop_assert!(open(&key, &changed).is_err());
            prop_assert!(open(&key, &sealed[..place]).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let key = key("r");
            let _ = open(&key, &bytes);
            let mut headed = prefix(Kind::Landed, 6).to_vec();
            headed.extend(bytes);
            prop_assert!(open(&key, &headed).is_err());
        }
    }
}
