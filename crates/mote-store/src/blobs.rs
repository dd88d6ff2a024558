//! Rows of `blobs` and `gone_blobs`: what is kept outside of the database.

use diesel::prelude::*;

use crate::schema::blobs::{blobs, gone_blobs};
use crate::{Db, StoreError};

/// A blob.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = blobs)]
pub struct BlobRow {
    /// BLAKE3 of its bytes.
    pub digest: Vec<u8>,
    /// Tells it from one with the same bytes that was removed before.
    pub key: i64,
    /// Bytes.
    pub size: i64,
    /// Whether all of it is in its place.
    pub stored: bool,
    /// How many rows need it.
    pub needed_by: i64,
    /// When it was last written, needed or let go.
    pub touched_at: i64,
}

/// The blob of this digest, made where there is none; it will not be renounced soon.
pub fn claim(db: &mut Db, digest: &[u8], key: i64, size: i64, now: i64) -> Result<BlobRow, StoreError> {
    let known = blobs::table.find(digest).select(BlobRow::as_select()).first(db).optional()?;
    if let Some(row) = known {
        diesel::update(blobs::table.find(digest)).set(blobs::touched_at.eq(now)).execute(db)?;
        return Ok(row);
    }
    let row = BlobRow { digest: digest.to_vec(), key, size, stored: false, needed_by: 0, touched_at: now };
    diesel::insert_into(blobs::table).values(&row).execute(db)?;
    Ok(row)
}

/// By digest.
pub fn get(db: &mut Db, digest: &[u8]) -> Result<Option<BlobRow>, StoreError> {
    Ok(blobs::table.find(digest).select(BlobRow::as_select()).first(db).optional()?)
}

/// Blobs that something needs, after `after` (a digest; empty from the start); the first `limit`.
pub fn needed_after(db: &mut Db, after: &[u8], limit: i64) -> Result<Vec<BlobRow>, StoreError> {
    let query = blobs::table.filter(blobs::needed_by.gt(0).and(blobs::digest.gt(after)));
    Ok(query.order(blobs::digest).limit(limit).select(BlobRow::as_select()).load(db)?)
}

/// One more row needs a blob, which is in its place. False where there is no such blob any more.
pub fn need(db: &mut Db, digest: &[u8], key: i64, now: i64) -> Result<bool, StoreError> {
    let changed = diesel::update(blobs::table.filter(blobs::digest.eq(digest).and(blobs::key.eq(key))))
        .set((blobs::stored.eq(true), blobs::needed_by.eq(blobs::needed_by + 1), blobs::touched_at.eq(now)))
        .execute(db)?;
    Ok(changed > 0)
}

/// One row less needs a blob.
pub fn let_go(db: &mut Db, digest: &[u8], now: i64) -> Result<(), StoreError> {
    diesel::update(blobs::table.find(digest))
        .set((blobs::needed_by.eq(blobs::needed_by - 1), blobs::touched_at.eq(now)))
        .execute(db)?;
    Ok(())
}

/// Renounces at most `limit` blobs that nothing needs and nobody touched since `before`.
pub fn renounce(db: &mut Db, before: i64, limit: i64) -> Result<(), StoreError> {
    let unneeded = blobs::table
        .filter(blobs::needed_by.eq(0).and(blobs::touched_at.lt(before)))
        .order(blobs::touched_at)
        .limit(limit)
        .select(BlobRow::as_select())
        .load(db)?;
    for row in unneeded {
        diesel::delete(blobs::table.find(&row.digest)).execute(db)?;
        diesel::insert_into(gone_blobs::table)
            .values((gone_blobs::key.eq(row.key), gone_blobs::digest.eq(row.digest)))
            .execute(db)?;
    }
    Ok(())
}

/// Digest and key of at most `limit` blobs that were renounced and are still to be removed from their place.
pub fn renounced(db: &mut Db, limit: i64) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
    let query = gone_blobs::table.order(gone_blobs::key).limit(limit);
    Ok(query.select((gone_blobs::digest, gone_blobs::key)).load(db)?)
}

/// Forgets a blob that was removed from its place.
pub fn forget(db: &mut Db, key: i64) -> Result<(), StoreError> {
    diesel::delete(gone_blobs::table.find(key)).execute(db)?;
    Ok(())
}
