//! How much arrives (or leaves) in a second: bytes in short spans of time.

/// The length of a span in microseconds, as a power of two: 32.8 ms, about a frame.
const SPAN_SHIFT: u32 = 15;

/// Spans that are kept: the current one and those that are counted.
const SPANS: u64 = 16;

/// Spans that are counted when the rate is steady: 491 ms.
const STEADY: u64 = 15;

/// Spans that are counted to see a collapse: 262 ms.
const QUICK: u64 = 8;

/// A recent rate below the steady one by this factor is a collapse and not noise.
const COLLAPSE: f64 = 1.25;

/// Bytes by when they arrived.
#[derive(Debug, Default)]
pub(crate) struct Throughput {
    spans: [u32; SPANS as usize],
    current: u64,
    began: Option<u64>,
}

impl Throughput {
    /// So many bytes came at this time, in microseconds. They need not come in order.
    pub(crate) fn add(&mut self, micros: u64, bytes: u16) {
        let span = micros >> SPAN_SHIFT;
        if self.began.is_none() || span.abs_diff(self.current) > 64 * SPANS {
            *self = Self {
                current: span,
                began: Some(span),
                ..Self::default()
            };
        }
        self.advance(span);
        if self.current - span.min(self.current) < SPANS
            && let Some(total) = self.spans.get_mut(slot(span))
        {
            *total = total.saturating_add(bytes.into());
        }
    }

    /// Bits in a second over the last half second, without the span that is not over.
    /// `None` while too little is known.
    pub(crate) fn steady(&self) -> Option<f64> {
        let began = self.began?;
        let spans = (self.current - began.min(self.current)).min(STEADY);
        (spans >= QUICK).then(|| self.over(spans))
    }

    /// The same, but what arrived lately when that is much less: a line that became narrow.
    pub(crate) fn collapsed(&self) -> Option<f64> {
        let steady = self.steady()?;
        let quick = self.over(QUICK);
        Some(if steady > quick * COLLAPSE {
            quick
        } else {
            steady
        })
    }

    fn over(&self, spans: u64) -> f64 {
        let bytes: u64 = (1..=spans)
            .filter_map(|back| self.spans.get(slot(self.current.wrapping_sub(back))))
            .map(|bytes| u64::from(*bytes))
            .sum();
        let micros = (spans << SPAN_SHIFT) as f64;
        bytes as f64 * 8_000_000.0 / micros
    }

    fn advance(&mut self, span: u64) {
        while self.current < span {
            self.current += 1;
            if let Some(total) = self.spans.get_mut(slot(self.current)) {
                *total = 0;
            }
        }
    }
}

fn slot(span: u64) -> usize {
    (span % SPANS) as usize
}

#[cfg(test)]
mod tests {
    use super::Throughput;

    fn feed(throughput: &mut Throughput, from_millis: u64, millis: u64, every: u64) {
        (from_millis..from_millis + millis)
            .step_by(every as usize)
            .for_each(|at| throughput.add(at * 1000, 1000));
    }

    #[test]
    fn a_steady_stream_is_measured() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0, 200, 8);
        assert!(throughput.steady().is_none(), "too early");
        feed(&mut throughput, 200, 2000, 8);
        let rate = throughput.steady().unwrap();
        assert!((950_000.0..1_050_000.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_collapse_is_seen_in_a_quarter_second() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0, 2000, 4);
        feed(&mut throughput, 2000, 300, 40);
        assert!(throughput.collapsed().unwrap() < 300_000.0);
        assert!(throughput.steady().unwrap() > 800_000.0);
    }

    #[test]
    fn a_clock_that_goes_back_or_leaps_does_no_harm() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 1_000_000, 2000, 8);
        throughput.add(u64::MAX, 1000);
        throughput.add(0, 1000);
        assert!(throughput.steady().is_none(), "begun anew");
        feed(&mut throughput, 0, 2000, 8);
        assert!(throughput.steady().is_some());
    }
}
