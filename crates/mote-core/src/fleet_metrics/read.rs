//! Reading what was counted.

use mote_store::fleet_metrics as rows;
use mote_store::fleet_metrics::{Range, TraitsRow};

use super::counts::{CallOutcome, Counted, DeliveryOutcome, ONLINE, start_of};
use super::flush::MOST_TRAITS;
use super::online::MINUTE;
use super::{NARROW, NARROW_KEPT, WIDE};
use crate::authorization::ProductAccess;
use crate::authorization::table::{
    EventMetrics, FunctionMetrics, IntegrationMetrics, OnlineMetrics, VariableMetrics,
};
use crate::{Error, Moment, Mote, ProductId};

/// Buckets of one answer at most.
pub const MOST_BUCKETS: i64 = 10_000;
/// The smallest bucket, in seconds (contract: "must be above 15").
const SMALLEST_BUCKET: i64 = 16;
/// The largest: a year.
const LARGEST_BUCKET: i64 = 366 * 86_400;
/// Seconds that are looked at where no start is given.
const USUAL_SPAN: i64 = 86_400;

/// Which part of a product's metrics is asked for.
#[derive(Debug, Default)]
pub struct MetricsQuery {
    /// First moment; a day before the last if not given.
    pub start: Option<Moment>,
    /// Last moment; now if not given.
    pub end: Option<Moment>,
    /// Seconds per bucket; a quarter of an hour if not given.
    pub bucket_size: Option<i64>,
    /// Of devices with this product firmware version only.
    pub product_fw: Option<i64>,
    /// Of devices with this Device OS version only.
    pub device_os: Option<String>,
    /// Of devices in this group only.
    pub group: Option<String>,
}

/// A bucket with what was counted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket<const N: usize> {
    /// Its start.
    pub time: Moment,
    /// The counts, in the order that the use case names.
    pub counts: [i64; N],
}

/// The buckets of an answer, in seconds since 1970, and the stored ones that it is made of.
#[derive(Clone, Copy, Debug)]
struct Span {
    size: i64,
    first: i64,
    last: i64,
    /// Width of the stored buckets.
    width: i64,
    from: i64,
    to: i64,
}

impl MetricsQuery {
    fn span(&self, now: Moment) -> Result<Span, Error> {
        let size = self.bucket_size.unwrap_or(WIDE);
        if !(SMALLEST_BUCKET..=LARGEST_BUCKET).contains(&size) {
            let text = format!("is seconds, from {SMALLEST_BUCKET} to {LARGEST_BUCKET}");
            return Err(Error::invalid("bucket_size", text));
        }
        let end = self.end.unwrap_or(now).unix_seconds();
        let start = self.start.map_or(end - USUAL_SPAN, Moment::unix_seconds);
        if start > end {
            return Err(Error::invalid("start_date", "is after end_date"));
        }
        let (first, last) = (start_of(start, size), start_of(end, size));
        if (last - first) / size >= MOST_BUCKETS {
            let text = format!(
                "gives more than {MOST_BUCKETS} buckets for this range, which is the most: ask for larger ones"
            );
            return Err(Error::invalid("bucket_size", text));
        }
        let narrow = size % WIDE != 0 && first >= now.unix_seconds() - NARROW_KEPT;
        let width = if narrow { NARROW } else { WIDE };
        // A bucket is given whole, though it began before the start.
        Ok(Span { size, first, last, width, from: start_of(first, width), to: end })
    }

    fn is_narrowed(&self) -> bool {
        self.product_fw.is_some() || self.device_os.is_some() || self.group.is_some()
    }

    fn fits(&self, row: &TraitsRow) -> bool {
        let in_group = |group: &String| {
            serde_json::from_str::<Vec<String>>(&row.groups).is_ok_and(|groups| groups.contains(group))
        };
        self.product_fw.is_none_or(|version| i64::from(row.product_fw) == version)
            && self.device_os.as_ref().is_none_or(|version| row.device_os == *version)
            && self.group.as_ref().is_none_or(in_group)
    }
}

impl Mote {
    /// Events that came from the product's devices.
    pub async fn event_metrics(
        &self,
        access: &ProductAccess<EventMetrics>,
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<1>>, Error> {
        self.counted(access.product().id, [Counted::EventReceived], query).await
    }

    /// Function calls: successes, failures, devices that were offline.
    pub async fn function_metrics(
        &self,
        access: &ProductAccess<FunctionMetrics>,
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<3>>, Error> {
        let all = [CallOutcome::Success, CallOutcome::Failure, CallOutcome::Offline];
        self.counted(access.product().id, all.map(Counted::Function), query).await
    }

    /// Reads of variables: successes, failures, devices that were offline.
    pub async fn variable_metrics(
        &self,
        access: &ProductAccess<VariableMetrics>,
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<3>>, Error> {
        let all = [CallOutcome::Success, CallOutcome::Failure, CallOutcome::Offline];
        self.counted(access.product().id, all.map(Counted::Variable), query).await
    }

    /// Requests of integrations: successes, failures, those that were not sent.
    pub async fn integration_metrics(
        &self,
        access: &ProductAccess<IntegrationMetrics>,
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<3>>, Error> {
        let all = [DeliveryOutcome::Success, DeliveryOutcome::Failure, DeliveryOutcome::Sleep];
        self.counted(access.product().id, all.map(Counted::Integration), query).await
    }

    /// Devices that were online: the mean of the samples in each bucket, rounded up, so that a device that was there for
    /// a while counts. A bucket that no sample has been taken in yet is left out.
    pub async fn online_metrics(
        &self,
        access: &ProductAccess<OnlineMetrics>,
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<1>>, Error> {
        let now = self.now();
        let span = query.span(now)?;
        // A wide bucket may have begun before the range, and is what is known of its first part.
        let sums = self.sums(access.product().id, &[ONLINE], span, query).await?;
        let unit = span.width.max(MINUTE);
        let latest =
            self.online_devices().sampled().unwrap_or_else(|| start_of(now.unix_seconds(), MINUTE) - MINUTE);
        // The samples that a stored bucket has by now.
        let samples = |start: i64| ((latest - start).div_euclid(MINUTE) + 1).clamp(0, unit / MINUTE);
        let sum = |start: i64| {
            sums.binary_search_by_key(&start, |(bucket, ..)| *bucket).map_or(0, |place| sums[place].2)
        };
        let mean = |time: i64| {
            let starts = start_of(time + unit - 1, unit)..time + span.size;
            let mut starts = starts.step_by(usize::try_from(unit).unwrap_or(1)).peekable();
            let (mut devices, mut taken) = (0, 0);
            if starts.peek().is_none() {
                // It lies within a stored bucket.
                let start = start_of(time, unit);
                (devices, taken) = (sum(start), samples(start));
            }
            for start in starts {
                devices += sum(start);
                taken += samples(start);
            }
            (taken > 0).then(|| (devices + taken - 1) / taken)
        };
        let times = (0..=(span.last - span.first) / span.size).map(|number| span.first + number * span.size);
        let bucket = |time| {
            mean(time).map(|count| Bucket { time: Moment(time.saturating_mul(1000)), counts: [count] })
        };
        Ok(times.filter_map(bucket).collect())
    }

    async fn counted<const N: usize>(
        &self,
        product: ProductId,
        what: [Counted; N],
        query: &MetricsQuery,
    ) -> Result<Vec<Bucket<N>>, Error> {
        let span = query.span(self.now())?;
        let numbers = what.map(Counted::number);
        let sums = self.sums(product, &numbers, span, query).await?;
        let mut buckets: Vec<_> = (0..=(span.last - span.first) / span.size)
            .map(|number| Moment((span.first + number * span.size).saturating_mul(1000)))
            .map(|time| Bucket { time, counts: [0; N] })
            .collect();
        for (bucket, what, sum) in sums {
            let place = usize::try_from((bucket - span.first).max(0) / span.size).unwrap_or(usize::MAX);
            let which = numbers.iter().position(|number| *number == what);
            if let (Some(bucket), Some(which)) = (buckets.get_mut(place), which) {
                bucket.counts[which] += sum;
            }
        }
        Ok(buckets)
    }

    #[expect(clippy::cast_possible_truncation, reason = "widths are small constants")]
    async fn sums(
        &self,
        product: ProductId,
        what: &[i16],
        span: Span,
        query: &MetricsQuery,
    ) -> Result<Vec<(i64, i16, i64)>, Error> {
        // What this node has counted up to now is to be seen.
        self.flush_fleet_counts().await?;
        let traits = if query.is_narrowed() {
            let all = self.store().read(move |db| rows::traits_of(db, product.0, MOST_TRAITS)).await?;
            Some(all.iter().filter(|row| query.fits(row)).map(|row| row.id).collect())
        } else {
            None
        };
        let range = Range {
            product_id: product.0,
            what: what.to_vec(),
            width: span.width as i32,
            from: span.from,
            to: span.to,
            traits,
        };
        Ok(self.store().read(move |db| rows::sums(db, &range)).await?)
    }
}
