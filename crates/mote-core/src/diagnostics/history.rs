//! Reading what was recorded.

use mote_store::Db;
use mote_store::vitals as rows;
use mote_store::vitals::{Of, VitalsRow};
use serde_json::Value;

use crate::authorization::table::{DiagnosticsGet, OwnDiagnosticsGet};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::devices::Reach;
use crate::{Error, Moment, Mote};

const DAY: i64 = 86_400;
/// Seconds that a caller's "thirty days ago" may be behind, until it comes here.
const LATE: i64 = 60;

/// What a device told of itself at a time.
#[derive(Clone, Debug)]
pub struct VitalsRecord {
    /// When the server got it.
    pub at: Moment,
    /// The device's ID.
    pub device_id: String,
    /// The figures; see [`super::FIELDS`].
    pub payload: Value,
}

/// Which records: from the start to before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VitalsRange {
    start: Moment,
    end: Moment,
}

/// Why a range is none; in the contract's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongRange {
    /// A bound is no date.
    #[error("start_date and end_date must be ISO8601 formatted")]
    NotADate,
    /// It begins before anything is kept.
    #[error("start_date must not be more than than {0} days ago")]
    TooFarBack(u16),
}

impl VitalsRange {
    /// Reads bounds as a request has them; from the first of the days that are kept, or to the end, where one is missing.
    pub fn parse(start: Option<&str>, end: Option<&str>, now: Moment, days: u16) -> Result<Self, WrongRange> {
        let first = now.plus_seconds(-i64::from(days) * DAY);
        let bound = |text: Option<&str>, missing| match text.filter(|text| !text.is_empty()) {
            Some(text) => Moment::from_date(text).ok_or(WrongRange::NotADate),
            None => Ok(missing),
        };
        let (start, end) = (bound(start, first)?, bound(end, Moment(i64::MAX))?);
        if start < first.plus_seconds(-LATE) {
            return Err(WrongRange::TooFarBack(days));
        }
        Ok(Self { start, end })
    }
}

impl Mote {
    /// What a device of the account told of itself in this time, while it was the account's; oldest first.
    pub async fn account_device_vitals(
        &self,
        access: &OwnerAccess<OwnDiagnosticsGet>,
        named: &str,
        range: VitalsRange,
    ) -> Result<Vec<VitalsRecord>, Error> {
        self.vitals(Reach::Owner(access.owner()), named, range).await
    }

    /// What a device of the product told of itself in this time, while it was in the product; oldest first.
    pub async fn product_device_vitals(
        &self,
        access: &ProductAccess<DiagnosticsGet>,
        named: &str,
        range: VitalsRange,
    ) -> Result<Vec<VitalsRecord>, Error> {
        self.vitals(Reach::Product(access.product().id), named, range).await
    }

    /// What a device of the account told last.
    pub async fn last_account_device_vitals(
        &self,
        access: &OwnerAccess<OwnDiagnosticsGet>,
        named: &str,
    ) -> Result<VitalsRecord, Error> {
        self.last_vitals(Reach::Owner(access.owner()), named).await
    }

    /// What a device of the product told last.
    pub async fn last_product_device_vitals(
        &self,
        access: &ProductAccess<DiagnosticsGet>,
        named: &str,
    ) -> Result<VitalsRecord, Error> {
        self.last_vitals(Reach::Product(access.product().id), named).await
    }

    async fn vitals(
        &self,
        reach: Reach,
        named: &str,
        range: VitalsRange,
    ) -> Result<Vec<VitalsRecord>, Error> {
        let (named, oldest) = (named.to_owned(), self.oldest_history());
        let found = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let device = reach.find(db, &named)?.id;
                let start = range.start.max(oldest);
                Ok(rows::between(db, of(reach), &device, start.0, range.end.0)?)
            })
            .await?;
        found.into_iter().map(VitalsRecord::try_from).collect()
    }

    async fn last_vitals(&self, reach: Reach, named: &str) -> Result<VitalsRecord, Error> {
        let (named, oldest) = (named.to_owned(), self.oldest_history());
        let days = self.settings().history_days;
        let found = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let device = reach.find(db, &named)?.id;
                Ok(rows::last(db, of(reach), &device)?.filter(|row| row.at >= oldest.0))
            })
            .await?;
        found
            .ok_or_else(|| Error::NotFound(format!("This device has not told of its vitals in {days} days")))?
            .try_into()
    }
}

impl TryFrom<VitalsRow> for VitalsRecord {
    type Error = Error;

    fn try_from(row: VitalsRow) -> Result<Self, Error> {
        let broken = |_| Error::Internal(format!("the vitals {} are no JSON", row.id));
        Ok(Self {
            at: Moment(row.at),
            payload: serde_json::from_str(&row.payload).map_err(broken)?,
            device_id: row.device_id,
        })
    }
}

fn of(reach: Reach) -> Of {
    match reach {
        Reach::Owner(owner) => Of::Owner(owner.key()),
        Reach::Product(product) => Of::Product(product.0),
    }
}

/// Removes a batch of records that are no longer kept; how many.
pub(crate) fn sweep(db: &mut Db, oldest: Moment, batch: i64) -> Result<usize, Error> {
    Ok(rows::sweep(db, oldest.0, batch)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2017-12-31T12:00:00Z";

    fn range(start: Option<&str>, end: Option<&str>) -> Result<(String, String), WrongRange> {
        let now = Moment::from_iso(NOW).unwrap();
        VitalsRange::parse(start, end, now, 30).map(|range| (range.start.to_iso(), range.end.to_iso()))
    }

    #[test]
    fn ranges_are_of_the_last_thirty_days() {
        let (first, never) = ("2017-12-01T12:00:00.000Z".to_owned(), Moment(i64::MAX).to_iso());
        assert_eq!(range(None, Some("")), Ok((first.clone(), never.clone())));
        assert_eq!(
            range(Some("2017-12-19"), Some("2017-12-20T10:00:00+02:00")),
            Ok(("2017-12-19T00:00:00.000Z".into(), "2017-12-20T08:00:00.000Z".into()))
        );
        assert_eq!(range(Some("2017-12-01T11:59:30Z"), None).map(|range| range.1), Ok(never));
        assert_eq!(range(Some("2017-12-01T11:58:00Z"), None), Err(WrongRange::TooFarBack(30)));
        for bad in ["invalid-date", "2017-13-01", "1513684800", "2017-12-19T25:00", " "] {
            assert_eq!(range(None, Some(bad)), Err(WrongRange::NotADate), "{bad}");
            assert_eq!(range(Some(bad), None), Err(WrongRange::NotADate), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(start: String, end: String) {
            let _ = range(Some(&start), Some(&end));
        }
    }
}
