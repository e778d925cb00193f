//! What a publication does to history, case by case.

use super::everywhere;
use super::harness::{self, Avtal, On};
use crate::register::Believed;

fn a(titel: &str, dnr: &str, from: impl Into<Option<i32>>, till: impl Into<Option<i32>>) -> Avtal {
    Avtal::new("A", titel, dnr, from, till)
}

everywhere! {
    async fn a_new_row_is_believed_for_the_period_that_it_names(on: On) {
        let published = on.deliver(100, &[a("t", "d", 10, 300)]).await;
        assert_eq!(published.seq, Some(1));
        assert_eq!(published.events, 1);
        assert_eq!(published.tables[0].new, 1);
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,300)*"]);
        assert_eq!(on.register.base().await.unwrap(), 1);
    }

    async fn the_same_delivery_again_changes_nothing(on: On) {
        let rows = [a("t", "d", 10, 300)];
        on.deliver(100, &rows).await;
        let published = on.deliver(110, &rows).await;
        assert_eq!((published.seq, published.events, published.reg_at), (None, 0, None));
        assert_eq!(on.register.base().await.unwrap(), 1);
        assert_eq!(on.slices(Believed::Ever).await, ["A t d [10,300)*"]);
    }

    async fn a_change_takes_effect_from_the_delivery(on: On) {
        on.deliver(100, &[a("t", "d", 10, 300)]).await;
        let published = on.deliver(150, &[a("u", "d", 10, 300)]).await;
        assert_eq!(published.tables[0].changed, 1);
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,150)", "A u d [150,300)*"]);
        assert_eq!(on.slices(Believed::AtSeq(1)).await, ["A t d [10,300)*"]);
        assert_eq!(on.slices(Believed::Current).await, ["A u d [150,300)*"]);
    }

    async fn a_correction_corrects_the_whole_period(on: On) {
        on.deliver(100, &[a("t", "d", 10, 300)]).await;
        on.deliver(150, &[a("u", "d", 10, 300)]).await;
        let published = on.deliver(160, &[a("u", "e", 10, 300)]).await;
        assert_eq!((published.tables[0].corrected, published.tables[0].changed), (1, 0));
        assert_eq!(on.slices(Believed::Now).await, ["A t e [10,150)", "A u e [150,300)*"]);
        assert_eq!(on.slices(Believed::AtSeq(2)).await, ["A t d [10,150)", "A u d [150,300)*"]);
    }

    async fn a_new_period_moves_the_bounds_and_keeps_what_held_when(on: On) {
        on.deliver(100, &[a("t", "d", 10, 300)]).await;
        on.deliver(150, &[a("u", "d", 10, 300)]).await;
        let published = on.deliver(160, &[a("u", "d", 5, None)]).await;
        assert_eq!(published.tables[0].corrected, 1);
        assert_eq!(on.slices(Believed::Now).await, ["A t d [5,150)", "A u d [150,)*"]);
        on.deliver(170, &[a("u", "d", 160, 200)]).await;
        assert_eq!(on.slices(Believed::Now).await, ["A u d [160,200)*"]);
    }

    async fn an_absent_row_ends_on_the_day_of_the_delivery(on: On) {
        on.deliver(100, &[a("t", "d", 10, 300), Avtal::new("B", "t", "d", 200, None)]).await;
        let published = on.deliver(150, &[]).await;
        assert_eq!(published.tables[0].ended, 2);
        // B would have begun later: it never was.
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,150)"]);
        assert!(on.slices(Believed::Current).await.is_empty());
        // Absent still: nothing more happens.
        assert_eq!(on.deliver(160, &[]).await.seq, None);
    }

    async fn a_row_that_returns_is_opened_again_from_the_delivery(on: On) {
        let row = a("t", "d", 10, 300);
        on.deliver(100, std::slice::from_ref(&row)).await;
        on.deliver(150, &[]).await;
        let published = on.deliver(200, std::slice::from_ref(&row)).await;
        assert_eq!(published.tables[0].new, 1);
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,150)", "A t d [200,300)*"]);
        assert_eq!(on.deliver(210, &[row]).await.seq, None);
    }

    async fn a_row_that_returns_with_a_later_period_begins_with_it(on: On) {
        on.deliver(100, &[a("t", "d", 10, 300)]).await;
        on.deliver(150, &[]).await;
        on.deliver(200, &[a("t", "d", 180, None)]).await;
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,150)", "A t d [180,)*"]);
    }

    async fn a_row_whose_period_is_over_stays_as_long_as_it_is_delivered(on: On) {
        let row = a("t", "d", 10, 50);
        on.deliver(100, std::slice::from_ref(&row)).await;
        assert_eq!(on.deliver(110, &[row]).await.seq, None);
        // A change to what is over can only concern the past.
        on.deliver(120, &[a("u", "d", 10, 50)]).await;
        assert_eq!(on.slices(Believed::Now).await, ["A u d [10,50)*"]);
        on.deliver(130, &[]).await;
        assert_eq!(on.slices(Believed::Now).await, ["A u d [10,50)"]);
    }

    async fn a_row_without_bounds_is_unbounded(on: On) {
        on.deliver(100, &[a("t", "d", None, None)]).await;
        on.deliver(150, &[a("u", "d", None, None)]).await;
        assert_eq!(on.slices(Believed::Now).await, ["A t d [,150)", "A u d [150,)*"]);
    }
}
