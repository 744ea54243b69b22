use super::*;

const GROUP: &[u8] = b"a group";

/// A message with this wire format and body.
fn message(wire_format: u16, body: &[&[u8]]) -> Vec<u8> {
    let head = [&1_u16.to_be_bytes()[..], &wire_format.to_be_bytes()[..]];
    head.iter()
        .chain(body)
        .flat_map(|part| part.iter().copied())
        .collect()
}

fn public(sender: &[u8], content: u8) -> Vec<u8> {
    let epoch = 9_u64.to_be_bytes();
    message(
        1,
        &[
            &[7],
            GROUP,
            &epoch,
            sender,
            &[0],
            &[content],
            b"content and signature",
        ],
    )
}

fn private(content: u8, tail: &[u8]) -> Vec<u8> {
    let epoch = 9_u64.to_be_bytes();
    message(
        2,
        &[
            &[7],
            GROUP,
            &epoch,
            &[content],
            &[0, 2, 1, 2, 3, 4, 5, 6],
            tail,
        ],
    )
}

const MEMBER: &[u8] = &[1, 0, 0, 0, 4];

fn framed(content: ContentType) -> Result<Frame<'static>, FramingError> {
    Ok(Frame::Group(GroupFrame {
        group_id: GROUP,
        epoch: 9,
        content,
    }))
}

#[test]
fn a_members_public_commit_is_read() {
    assert_eq!(read(&public(MEMBER, 3)), framed(ContentType::Commit));
    assert_eq!(read(&public(MEMBER, 2)), framed(ContentType::Proposal));
}

#[test]
fn application_data_in_the_clear_is_refused() {
    assert_eq!(read(&public(MEMBER, 1)), Err(FramingError::Content));
}

#[test]
fn external_commits_and_proposals_are_refused() {
    assert_eq!(
        read(&public(&[2, 0, 0, 0, 0], 2)),
        Err(FramingError::Sender)
    );
    assert_eq!(read(&public(&[3], 2)), Err(FramingError::Sender));
    assert_eq!(read(&public(&[4], 3)), Err(FramingError::Sender));
    assert_eq!(read(&public(&[0], 3)), Err(FramingError::Sender));
}

#[test]
fn a_private_message_is_read_to_its_end() {
    assert_eq!(read(&private(1, &[])), framed(ContentType::Application));
    assert_eq!(read(&private(3, &[])), framed(ContentType::Commit));
    assert_eq!(read(&private(1, &[0])), Err(FramingError::Trailing));
    assert_eq!(read(&private(0, &[])), Err(FramingError::Content));
    assert_eq!(read(&private(4, &[])), Err(FramingError::Content));
}

#[test]
fn no_prefix_of_a_message_is_a_message() {
    let whole = private(1, &[]);
    for length in 0..whole.len() {
        assert_eq!(
            read(&whole[..length]),
            Err(FramingError::Truncated),
            "{length} bytes"
        );
    }
}

#[test]
fn welcomes_and_key_packages_are_known_by_format_version_and_suite() {
    assert_eq!(
        read(&message(3, &[&[0, 1], b"secrets"])),
        Ok(Frame::Welcome)
    );
    assert_eq!(read(&message(3, &[&[0, 2]])), Err(FramingError::Suite));
    assert_eq!(
        read(&message(5, &[&[0, 1], &[0, 1], b"keys"])),
        Ok(Frame::KeyPackage)
    );
    assert_eq!(
        read(&message(5, &[&[0, 2], &[0, 1]])),
        Err(FramingError::Version)
    );
    assert_eq!(
        read(&message(5, &[&[0, 1], &[0, 3]])),
        Err(FramingError::Suite)
    );
}

#[test]
fn group_infos_unknown_formats_and_other_versions_are_refused() {
    assert_eq!(read(&message(4, &[b"info"])), Err(FramingError::WireFormat));
    assert_eq!(read(&message(0, &[])), Err(FramingError::WireFormat));
    assert_eq!(read(&[0, 2, 0, 1]), Err(FramingError::Version));
}

/// A private message whose group id is preceded by these bytes of length.
fn with_group_length(length: &[u8], group: &[u8]) -> Vec<u8> {
    message(2, &[length, group, &9_u64.to_be_bytes(), &[1, 0, 0, 0]])
}

fn group_bytes(message: &[u8]) -> Result<usize, FramingError> {
    match read(message)? {
        Frame::Group(frame) => Ok(frame.group_id.len()),
        Frame::Welcome | Frame::KeyPackage => Err(FramingError::WireFormat),
    }
}

#[test]
fn lengths_take_one_two_or_four_bytes() {
    assert_eq!(group_bytes(&with_group_length(&[0], &[])), Ok(0));
    assert_eq!(group_bytes(&with_group_length(&[63], &[7; 63])), Ok(63));
    assert_eq!(
        group_bytes(&with_group_length(&[0x40, 64], &[7; 64])),
        Ok(64)
    );
    assert_eq!(
        group_bytes(&with_group_length(&[0x7f, 0xff], &[7; 16_383])),
        Ok(16_383)
    );
    let long = with_group_length(&[0x80, 0, 0x40, 0], &[7; 16_384]);
    assert_eq!(group_bytes(&long), Ok(16_384));
}

#[test]
fn lengths_in_a_longer_form_than_needed_are_refused() {
    assert_eq!(
        read(&with_group_length(&[0x40, 63], &[7; 63])),
        Err(FramingError::Vector)
    );
    let long = with_group_length(&[0x80, 0, 0x3f, 0xff], &[7; 16_383]);
    assert_eq!(read(&long), Err(FramingError::Vector));
    assert_eq!(
        read(&with_group_length(&[0xc0; 8], &[])),
        Err(FramingError::Vector)
    );
}

#[test]
fn a_length_beyond_the_message_is_refused() {
    let huge = with_group_length(&[0xbf, 0xff, 0xff, 0xff], &[7; 30]);
    assert_eq!(read(&huge), Err(FramingError::Truncated));
}
