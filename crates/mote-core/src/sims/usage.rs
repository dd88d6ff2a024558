//! What SIM cards used, as a carrier told it.

use mote_store::Db;
use mote_store::sims as rows;
use mote_store::sims::{DayUsage, UsageRow};

use super::Day;
use super::sim::{MEGABYTE, find, owner_of};
use crate::authorization::table::{SimsFleetUsage, SimsUsage};
use crate::authorization::{ProductAccess, SpaceAccess};
use crate::names::Iccid;
use crate::{Error, Moment, Mote};

/// Days that usage is kept for: this month, and enough of the past for figures that carriers correct late.
const KEPT_DAYS: i32 = 92;
/// Bytes that a card can use on a day: more than any network carries.
const MOST_BYTES: i64 = 1_000_000_000_000_000;

/// What was used on a day, in MB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UsedOn {
    /// The day.
    pub day: Day,
    /// On it.
    pub mbs: f64,
    /// From the first of the month until its end.
    pub mbs_cumulative: f64,
}

/// What a card used this month.
#[derive(Clone, Debug)]
pub struct SimUsage {
    /// The card.
    pub iccid: String,
    /// Day by day, up to today.
    pub days: Vec<UsedOn>,
}

/// What the cards of a product used this month.
#[derive(Clone, Debug)]
pub struct FleetUsage {
    /// In all.
    pub total_mbs: f64,
    /// Cards that are active, those that are paused at their limit too.
    pub active_cards: i64,
    /// Day by day, up to today.
    pub days: Vec<UsedOn>,
}

impl Mote {
    /// What a card used this month, nothing on days of which nothing was recorded.
    pub async fn sim_usage(&self, access: &SpaceAccess<SimsUsage>, iccid: &str) -> Result<SimUsage, Error> {
        let (owner, iccid, today) = (owner_of(access.space())?, iccid.to_owned(), Day::of(self.now()));
        self.store()
            .read(move |db| -> Result<_, Error> {
                let iccid = find(db, owner, &iccid)?.iccid;
                let used = rows::usage_between(db, &iccid, today.first_of_month().0, today.0)?;
                Ok(SimUsage { iccid, days: day_by_day(&used, today) })
            })
            .await
    }

    /// What the product's cards used this month.
    pub async fn fleet_usage(&self, access: &ProductAccess<SimsFleetUsage>) -> Result<FleetUsage, Error> {
        let (product, today) = (access.product().id.0, Day::of(self.now()));
        self.store()
            .read(move |db| -> Result<_, Error> {
                let used = rows::fleet_usage(db, product, today.first_of_month().0, today.0)?;
                let days = day_by_day(&used, today);
                let total_mbs = days.last().map_or(0.0, |day| day.mbs_cumulative);
                Ok(FleetUsage { total_mbs, active_cards: rows::count_active(db, product)?, days })
            })
            .await
    }

    /// Records what a card used on a day: all that it used, in place of what was recorded of that day before, so that a
    /// carrier's figures can come late, twice, and corrected. For what connects a carrier; no endpoint calls it.
    ///
    /// Fails with [`Error::NotFound`] where the card is nobody's, and [`Error::Invalid`] where the day is to come or long
    /// past, or the bytes are out of reason.
    pub async fn record_sim_usage(&self, iccid: &Iccid, day: Day, bytes: i64) -> Result<(), Error> {
        let (iccid, today) = (iccid.as_str().to_owned(), Day::of(self.now()));
        if day > today || day.0 <= today.0 - KEPT_DAYS {
            return Err(Error::invalid("day", format!("is one of the last {KEPT_DAYS}")));
        }
        if !(0..=MOST_BYTES).contains(&bytes) {
            return Err(Error::invalid("bytes", format!("are from 0 to {MOST_BYTES}")));
        }
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut sim = rows::get(db, &iccid)?
                    .ok_or_else(|| Error::NotFound("This SIM card is nobody's".into()))?;
                let before = rows::usage_on(db, &iccid, day.0)?;
                let product_id = before.as_ref().map_or(sim.product_id, |row| row.product_id);
                let more = bytes - before.map_or(0, |row| row.bytes);
                rows::put_usage(db, &UsageRow { iccid: iccid.clone(), day: day.0, product_id, bytes })?;
                if let Some(product) = product_id {
                    rows::add_fleet_usage(db, product, day.0, more)?;
                }
                // Of a month before the card's present one nothing counts against its limit.
                if day.month() >= sim.period {
                    let in_month = if day.month() == sim.period { sim.period_bytes } else { 0 };
                    (sim.period, sim.period_bytes) = (day.month(), (in_month + more).max(0));
                    rows::update(db, &sim)?;
                }
                Ok(())
            })
            .await
    }
}

/// Removes a batch of usage of days that are no longer kept; how many records.
pub(crate) fn sweep(db: &mut Db, now: Moment, batch: i64) -> Result<usize, Error> {
    Ok(rows::sweep_usage(db, Day::of(now).0 - KEPT_DAYS, batch)?)
}

/// Every day of the month up to `today`.
fn day_by_day(used: &[DayUsage], today: Day) -> Vec<UsedOn> {
    let mut so_far = 0;
    let on = |day: i32| {
        let bytes = used.iter().find(|(of, _)| *of == day).map_or(0, |(_, bytes)| *bytes);
        so_far += bytes;
        UsedOn { day: Day(day), mbs: megabytes(bytes), mbs_cumulative: megabytes(so_far) }
    };
    (today.first_of_month().0..=today.0).map(on).collect()
}

/// To hundredths.
#[expect(clippy::cast_precision_loss, reason = "hundredths of MB, far below 2^52 of them")]
fn megabytes(bytes: i64) -> f64 {
    let hundredths = (bytes + MEGABYTE / 200) / (MEGABYTE / 100);
    hundredths as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_a_record_are_days_of_nothing() {
        let today = Day::of(Moment::from_iso("2017-02-03T10:00:00Z").unwrap());
        let used = [(today.0 - 2, 984_999), (today.0, 500_000)];
        let days: Vec<_> =
            day_by_day(&used, today).iter().map(|u| (u.day.to_string(), u.mbs, u.mbs_cumulative)).collect();
        assert_eq!(
            days,
            [
                ("2017-02-01".into(), 0.98, 0.98),
                ("2017-02-02".into(), 0.0, 0.98),
                ("2017-02-03".into(), 0.5, 1.48),
            ]
        );
    }

    #[test]
    fn bytes_are_rounded_once() {
        let shown = [0, 4_999, 5_000, 999_999_999].map(|bytes| megabytes(bytes).to_string());
        assert_eq!(shown, ["0", "0", "0.01", "1000"]);
    }
}
