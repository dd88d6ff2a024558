//! Events as streams have them: Server-Sent Events, in the form that the clients in the field parse.
//!
//! Their parsers are hand-written. They want bare LF, an event in one piece, and a byte every 13 s. A piece may arrive in
//! two all the same, and then they mangle a character that is cut in two: so all but ASCII is escaped in the JSON.

use std::io;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Frame;
use mote_core::events::{Event, EventStream, Heard};
use serde::Serialize;
use serde_json::ser::Formatter;

/// What a stream begins with, so that the client's first event is not in one packet with the answer's head, where the
/// clients' parsers do not listen yet.
const GREETING: Bytes = Bytes::from_static(b":ok\n\n");
/// A comment.
const STILL_HERE: Bytes = Bytes::from_static(b":\n\n");

/// The body of a stream.
#[derive(Debug)]
pub(crate) struct EventBody {
    stream: EventStream,
    greeted: bool,
}

impl EventBody {
    pub(crate) fn new(stream: EventStream) -> Self {
        Self { stream, greeted: false }
    }
}

impl http_body::Body for EventBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Poll::Ready(Some(Ok(Frame::data(GREETING))));
        }
        let of_team = self.stream.is_of_team();
        let heard = ready!(self.stream.poll_next(context));
        Poll::Ready(heard.map(|heard| {
            Ok(Frame::data(match heard {
                Heard::Event(event) => rendered(&event, of_team),
                Heard::Silence => STILL_HERE,
            }))
        }))
    }
}

/// The two forms of an event, each made once, when first needed, for all streams.
#[derive(Default)]
struct Rendered {
    plain: OnceLock<Bytes>,
    of_team: OnceLock<Bytes>,
}

fn rendered(event: &Event, of_team: bool) -> Bytes {
    let forms = event.rendered(|_| Rendered::default());
    let form = if of_team { &forms.of_team } else { &forms.plain };
    form.get_or_init(|| render(event, of_team)).clone()
}

/// The JSON of an event (contract: Events-GetProductEvents; `ttl` is a number in what clients declare and get today).
#[derive(Serialize)]
struct EventView<'a> {
    data: Option<&'a str>,
    ttl: u32,
    published_at: String,
    coreid: &'a str,
    /// Product firmware version of the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// The product, in streams of products and organizations.
    #[serde(rename = "productID", skip_serializing_if = "Option::is_none")]
    product_id: Option<i64>,
}

fn render(event: &Event, of_team: bool) -> Bytes {
    let view = EventView {
        data: event.data.as_ref().map(mote_core::events::EventData::as_str),
        ttl: event.ttl.seconds(),
        published_at: event.published_at.to_iso(),
        coreid: event.core_id(),
        version: event.source.traits.product_fw.filter(|_| of_team),
        product_id: event.source.product.map(|product| product.0).filter(|_| of_team),
    };
    let mut text = format!("event: {}\ndata: ", event.name).into_bytes();
    // Writing texts and numbers to memory does not fail.
    let _ = view.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Ascii));
    text.extend_from_slice(b"\n\n");
    text.into()
}

/// JSON with everything but ASCII escaped.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(place) = rest.find(|c: char| !c.is_ascii()) {
            let (plain, other) = rest.split_at(place);
            writer.write_all(plain.as_bytes())?;
            let mut letters = other.chars();
            for unit in letters.next().into_iter().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn ascii(text: &str) -> String {
        let mut bytes = Vec::new();
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Ascii)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn all_but_ascii_is_escaped() {
        assert_eq!(ascii("21 °C\n\"🌡\" é"), r#""21 \u00b0C\n\"\ud83c\udf21\" \u00e9""#);
    }

    proptest::proptest! {
        #[test]
        fn what_is_escaped_reads_the_same(text: String) {
            let written = ascii(&text);
            assert!(written.is_ascii() && !written.contains(['\n', '\r']));
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), Value::String(text));
        }
    }
}
