//! In its first seconds a line takes what it needs, and then nothing allocates: counted by the allocator itself. And what is
//! made is small.

use allocation_counter::measure;
use vestibule_congestion::{
    Allocation, Bitrate, Kind, Line, Moment, Pacer, Report, Settings, Verdict, Wish, Wishes,
};

fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

#[test]
fn a_minute_of_a_line_allocates_nothing() {
    let mut line = Line::new(at(0), Settings::default());
    let mut pacer: Pacer<u32, 256> = Pacer::new(line.target());
    let mut allocation = Allocation::default();
    let layers = [100, 400, 1200].map(|kbps| Some(Bitrate::kbps(kbps)));
    let wish = Some(Wish {
        layers,
        useful: 3,
        ..Wish::default()
    });
    let wishes: Wishes = [wish; 5];
    let mut numbers = [0_u16; 64];
    let mut count = 0;

    let mut heard = 0;
    let mut play = |from, to| {
        for millis in from..to {
            let now = at(millis);
            line.handle_timeout(now);
            while let Some(padding) = line.want_padding(now) {
                line.on_sent(now, padding.bytes as u16);
            }
            let leaves = pacer.submit(now, Kind::Video, 1100, 7);
            if leaves == Verdict::Now(7) || pacer.poll(now).is_some() {
                numbers[count % 64] = line.on_sent(now, 1100);
                count += 1;
            }
            if millis % 50 == 49 && !(20_000..24_000).contains(&millis) {
                let reports = numbers.iter().filter(|number| **number % 9 != 0);
                line.on_feedback(
                    now,
                    reports.map(|number| Report {
                        number: *number,
                        arrived: Some(now),
                    }),
                );
                heard += 1;
                pacer.set_target(line.target(), Bitrate::kbps(1000));
                allocation.update(now, line.target(), Bitrate::kbps(40), &wishes);
            }
        }
    };
    // What waits for feedback, and for its turn, has the room that this line needs.
    play(0, 5_000);
    let made = measure(|| play(5_000, 65_000));
    assert_eq!(made.count_total, 0);
    assert!(heard > 1000 && count > 10_000, "{heard} {count}");
}

#[test]
fn a_line_with_its_pacer_and_allocation_is_within_16_kilobytes() {
    let mut made = None;
    let boxed = measure(|| {
        let line = Line::new(at(0), Settings::default());
        let pacer: Pacer<u32, 256> = Pacer::new(line.target());
        made = Some((line, pacer, Allocation::default()));
    });
    let all = size_of_val(&made) as u64 + boxed.bytes_max;
    assert!(all <= 16 * 1024, "{all} bytes");
}
