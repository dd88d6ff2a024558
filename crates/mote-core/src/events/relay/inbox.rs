//! Putting together what came in parts, and taking each event once.

use std::collections::{HashMap, HashSet};

use mote_store::nodes::LARGEST_MESSAGE;

/// Nodes that are remembered at most: those of the past too, since a node has another number after each start.
const MOST_NODES: usize = 256;
/// How far behind the newest event of a node another one of it may come: behind that it is taken for one that came already.
const BEHIND: u64 = 1 << 16;
/// Parts of an event at most: several times what the largest takes, all of it escaped.
const MOST_PARTS: usize = 64;
/// Bytes that the head of a message has at most.
const LONGEST_HEAD: usize = 64;

/// What came, as far as it matters for what comes next.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    nodes: HashMap<i32, Came>,
    /// The beginning of an event of which parts are still to come. They come one after the other: they are of one
    /// transaction. What NATS brings meanwhile is whole.
    begun: Option<(i32, u64, usize, String)>,
}

/// The numbers of the events that came of a node.
#[derive(Debug, Default)]
struct Came {
    newest: u64,
    numbers: HashSet<u64>,
}

impl Came {
    fn is_first(&mut self, number: u64) -> bool {
        let is_behind = self.newest.checked_sub(BEHIND).is_some_and(|behind| number <= behind);
        if is_behind || !self.numbers.insert(number) {
            return false;
        }
        self.newest = self.newest.max(number);
        if self.numbers.len() as u64 > 2 * BEHIND {
            let oldest = self.newest.saturating_sub(BEHIND);
            self.numbers.retain(|number| *number > oldest);
        }
        true
    }
}

/// The messages that carry an event; as many as it takes, each with whose and which it is, and which part of how many.
pub(super) fn messages(node: i32, number: u64, text: &str) -> Vec<String> {
    let most = LARGEST_MESSAGE - LONGEST_HEAD;
    let mut parts = Vec::with_capacity(1 + text.len() / most);
    let mut rest = text;
    loop {
        let (part, after) = rest.split_at(rest.floor_char_boundary(most));
        parts.push(part);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let all = parts.len();
    let message = |(part, text): (usize, &str)| format!("{node} {number} {part} {all} {text}");
    parts.into_iter().enumerate().map(message).collect()
}

impl Inbox {
    /// Takes a message. The event, where it is whole now, did not come before, and is not of this node itself.
    pub(super) fn take(&mut self, message: &str, own: i32) -> Option<String> {
        let mut head = message.splitn(5, ' ');
        let node: i32 = head.next()?.parse().ok()?;
        let number: u64 = head.next()?.parse().ok()?;
        let part: usize = head.next()?.parse().ok()?;
        let all: usize = head.next()?.parse().ok()?;
        let text = head.next()?;
        if node == own || part >= all || all > MOST_PARTS {
            return None;
        }
        let whole = if all == 1 {
            // Nothing to what comes in parts: it may have come another way.
            text.to_owned()
        } else {
            let whole = match self.begun.take() {
                _ if part == 0 => text.to_owned(),
                Some((of, which, next, begun)) if (of, which, next) == (node, number, part) => begun + text,
                // Its beginning was not heard.
                _ => return None,
            };
            if part + 1 < all {
                self.begun = Some((node, number, part + 1, whole));
                return None;
            }
            whole
        };
        if self.nodes.len() >= MOST_NODES && !self.nodes.contains_key(&node) {
            self.nodes.clear();
        }
        self.nodes.entry(node).or_default().is_first(number).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_once_and_whole() {
        let text = "é".repeat(9000);
        let messages = messages(7, 1, &text);
        assert!(messages.len() == 3 && messages.iter().all(|message| message.len() <= LARGEST_MESSAGE));
        let mut inbox = Inbox::default();
        let take = |inbox: &mut Inbox, own| messages.iter().find_map(|message| inbox.take(message, own));
        assert_eq!(take(&mut inbox, 7), None, "one's own");
        assert_eq!(take(&mut inbox, 8).as_ref(), Some(&text));
        assert_eq!(take(&mut inbox, 8), None, "it came already");
        let short = super::messages(7, 2, "");
        assert_eq!(inbox.take(&short[0], 8).as_deref(), Some(""));
    }

    #[test]
    fn what_lacks_a_part_is_dropped_and_hurts_no_other() {
        let parts = messages(7, 1, &"x".repeat(10_000));
        let whole = messages(9, 5, "a b c");
        let mut inbox = Inbox::default();
        assert_eq!(inbox.take(&parts[1], 8), None, "no beginning");
        assert_eq!(inbox.take(&parts[0], 8), None);
        assert_eq!(inbox.take(&messages(9, 6, &"y".repeat(10_000))[0], 8), None);
        assert_eq!(inbox.take(&parts[1], 8), None, "another in parts came in between");
        assert_eq!(inbox.take(&parts[0], 8), None);
        assert_eq!(inbox.take(&whole[0], 8).as_deref(), Some("a b c"));
        let text = "x".repeat(10_000);
        assert_eq!(inbox.take(&parts[1], 8), Some(text), "a whole one came in between, by NATS");
        for bad in ["", "7", "7 1 0 1", "x 1 0 1 t", "7 1 0 x t", "7 -1 0 1 t", "7 1 1 1 t", "7 1 0 65 t"] {
            assert_eq!(inbox.take(bad, 8), None, "{bad:?}");
        }
        let last = format!("7 {} 0 1 t", u64::MAX);
        assert_eq!(inbox.take(&last, 8).as_deref(), Some("t"), "the highest number is one too");
        assert_eq!(inbox.take(&last, 8), None, "it came already");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut came = Came::default();
        assert!((1..=4 * BEHIND).all(|number| came.is_first(number)));
        assert!(came.numbers.len() as u64 <= 2 * BEHIND + 1);
        assert!(!came.is_first(4 * BEHIND) && !came.is_first(1));
    }
}
