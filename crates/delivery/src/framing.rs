//! The frame of an `MLSMessage` (RFC 9420 sections 6, 6.2 and 6.3), as far as a delivery service
//! needs it. It reads within the bounds of what it is given, allocates nothing and cannot panic.

use thiserror::Error;

/// `mls10` (section 6).
const VERSION: u16 = 1;
/// `MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519` (section 17.1), the one suite in use.
const SUITE: u16 = 1;

/// What stands on the outside of an `MLSMessage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message to a group.
    Group(GroupFrame<'a>),
    /// A Welcome of the suite in use.
    Welcome,
    /// A key package of the suite in use.
    KeyPackage,
}

/// What stands on the outside of a message to a group, sent by a member of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupFrame<'a> {
    /// The group's id, in the words of its members.
    pub group_id: &'a [u8],
    /// The epoch that the message was made in.
    pub epoch: u64,
    /// What is inside.
    pub content: ContentType,
}

/// What is inside a message to a group (section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// Data of the application; always encrypted.
    Application,
    /// A proposed change to the group.
    Proposal,
    /// The change from one epoch to the next.
    Commit,
}

/// Why bytes are not a frame that is taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum FramingError {
    /// The bytes end too early.
    #[error("the message ends too early")]
    Truncated,
    /// Bytes follow the message.
    #[error("bytes follow the message")]
    Trailing,
    /// The version is not `mls10`.
    #[error("the protocol version is not mls10")]
    Version,
    /// A `GroupInfo`, or a wire format that is not known.
    #[error("the wire format is not carried here")]
    WireFormat,
    /// Another suite than the one in use.
    #[error("the cipher suite is not the one in use")]
    Suite,
    /// A vector's length is not written as section 2.1.2 says.
    #[error("the length of a vector is not written in its shortest form")]
    Vector,
    /// An unknown content type, or application data that is not encrypted.
    #[error("the content type is not carried in this wire format")]
    Content,
    /// The sender is not a member: an external commit or proposal.
    #[error("the sender is not a member of the group")]
    Sender,
}

/// Reads the frame of an `MLSMessage`.
pub fn read(message: &[u8]) -> Result<Frame<'_>, FramingError> {
    let mut reader = Reader { rest: message };
    reader.version()?;
    match reader.u16()? {
        1 => public_message(reader).map(Frame::Group),
        2 => private_message(reader).map(Frame::Group),
        3 => reader.suite().map(|()| Frame::Welcome),
        5 => {
            reader.version()?;
            reader.suite().map(|()| Frame::KeyPackage)
        }
        _ => Err(FramingError::WireFormat),
    }
}

/// Section 6.2: the frame is followed by the content and its signature, which are not read.
fn public_message(mut reader: Reader<'_>) -> Result<GroupFrame<'_>, FramingError> {
    let group_id = reader.vector()?;
    let epoch = reader.u64()?;
    reader.member()?;
    let _authenticated_data = reader.vector()?;
    let content = match reader.content_type()? {
        ContentType::Application => return Err(FramingError::Content),
        content @ (ContentType::Proposal | ContentType::Commit) => content,
    };
    Ok(GroupFrame {
        group_id,
        epoch,
        content,
    })
}

/// Section 6.3: three opaque vectors, and nothing behind them.
fn private_message(mut reader: Reader<'_>) -> Result<GroupFrame<'_>, FramingError> {
    let group_id = reader.vector()?;
    let epoch = reader.u64()?;
    let content = reader.content_type()?;
    let _authenticated_data = reader.vector()?;
    let _encrypted_sender_data = reader.vector()?;
    let _ciphertext = reader.vector()?;
    reader.end()?;
    Ok(GroupFrame {
        group_id,
        epoch,
        content,
    })
}

/// Reads the presentation language of section 2.1, big-endian.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn version(&mut self) -> Result<(), FramingError> {
        if self.u16()? == VERSION {
            Ok(())
        } else {
            Err(FramingError::Version)
        }
    }

    fn suite(&mut self) -> Result<(), FramingError> {
        if self.u16()? == SUITE {
            Ok(())
        } else {
            Err(FramingError::Suite)
        }
    }

    fn content_type(&mut self) -> Result<ContentType, FramingError> {
        match self.u8()? {
            1 => Ok(ContentType::Application),
            2 => Ok(ContentType::Proposal),
            3 => Ok(ContentType::Commit),
            _ => Err(FramingError::Content),
        }
    }

    /// A sender of type `member` with its leaf index. The other types speak from outside.
    fn member(&mut self) -> Result<(), FramingError> {
        if self.u8()? != 1 {
            return Err(FramingError::Sender);
        }
        let _leaf_index = self.u32()?;
        Ok(())
    }

    /// Section 2.1.2: two bits say whether the length takes one, two or four bytes; the shortest
    /// form is the only one.
    fn vector(&mut self) -> Result<&'a [u8], FramingError> {
        let first = self.u8()?;
        let low = u32::from(first & 0x3f);
        let (length, least) = match first >> 6 {
            0 => (low, 0),
            1 => (low << 8 | u32::from(self.u8()?), 1 << 6),
            2 => {
                let middle = u32::from(self.u8()?);
                (low << 24 | middle << 16 | u32::from(self.u16()?), 1 << 14)
            }
            _ => return Err(FramingError::Vector),
        };
        if length < least {
            return Err(FramingError::Vector);
        }
        self.take(usize::try_from(length).map_err(|_| FramingError::Vector)?)
    }

    fn u8(&mut self) -> Result<u8, FramingError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn u16(&mut self) -> Result<u16, FramingError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, FramingError> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, FramingError> {
        self.array().map(u64::from_be_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FramingError> {
        let (array, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(FramingError::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FramingError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(FramingError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn end(&self) -> Result<(), FramingError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(FramingError::Trailing)
        }
    }
}

#[cfg(test)]
mod tests;
