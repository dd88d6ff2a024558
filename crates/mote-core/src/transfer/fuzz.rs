//! A door for the fuzzer.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use mote_store::transfer::{Column, Kind, Table};

use super::file::{Item, Source};
use super::line::{Head, of_row, to_row, written};

/// Reads a file to where something is wrong with it, as it is and behind the head of a store with one table; and each of its
/// lines as a row.
///
/// # Panics
/// Where that goes wrong.
pub fn fuzz_import(bytes: &[u8]) {
    let kinds = [Kind::Integer, Kind::Boolean, Kind::Text, Kind::Bytes, Kind::Real];
    let column = |kind: Kind| Column { name: kind.word().into(), kind, nullable: kind != Kind::Integer };
    let table = Table { name: "all".into(), columns: kinds.map(column).into(), key: vec![0] };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(row) = to_row(line, &table) else { continue };
        let again = of_row(&row);
        assert_eq!(
            to_row(&again, &table).map(|row| of_row(&row)),
            Some(again),
            "what is read is written again"
        );
    }
    let (schema, tables) = (vec!["1".to_owned()], vec![table]);
    let head = written(&Head::new(schema.clone(), &tables));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    let packed = gzip.write_all(&head).and_then(|()| gzip.write_all(bytes)).and_then(|()| gzip.finish());
    let packed = packed.expect("memory can be written to");
    for file in [bytes, &packed] {
        let Ok(mut source) = Source::open(file, &schema, tables.clone()) else { continue };
        while matches!(source.next(), Ok(Item::Row(..) | Item::TableEnd(_))) {}
    }
}
