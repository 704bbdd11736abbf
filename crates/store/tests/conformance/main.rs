//! What every store must do: a case for each sentence of the traits in `kairos_domain::store`, each on a fresh database.
//!
//! A case is a function of a [`World`]. It stands in the list below once, and is run on every store there is. One that is missing from
//! the list is dead code, which the compiler reports.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "inside a test a panic is the result"
)]

mod derived;
mod encounters;
mod journeys;
mod limits;
mod markers;
mod mongodb_database;
mod mongodb_existing_data;
mod mongodb_interrupted;
mod nearby;
mod outbox;
mod sessions;
mod sqlite_file;
mod transfer;
mod users;
mod world;

use world::World;

macro_rules! for_each_case {
    ($run:ident) => {
        $run! {
            users: [
                an_account_comes_back_as_it_was_written,
                an_account_and_its_mail_are_there_together_or_not_at_all,
                of_many_registrations_of_one_address_at_once_one_succeeds,
                addresses_are_compared_without_case_in_any_script,
                nasty_text_is_only_text,
                a_profile_is_overwritten_and_nothing_else,
                another_address_is_unverified_and_both_addresses_are_told,
                another_spelling_of_the_address_is_only_kept,
                a_taken_address_changes_nothing,
                an_address_is_verified_only_while_it_is_the_riders,
                of_many_changes_of_one_password_one_succeeds_and_ends_all_sessions,
                an_account_goes_with_everything_that_was_its_riders,
            ],
            sessions: [
                a_token_is_traded_for_its_successor,
                a_used_token_is_good_within_its_grace_counted_from_its_first_use,
                a_token_used_too_late_ends_the_session,
                a_token_that_the_session_does_not_know_ends_it,
                a_session_that_has_ended_expired_or_never_existed_refuses,
                a_rotation_moves_the_end_of_the_session,
                an_earlier_token_begins_one_session_and_counts_as_used,
                an_earlier_token_whose_session_ended_stays_refused,
                an_earlier_token_can_be_ended_before_it_was_seen,
                a_session_ends_by_a_token_that_is_no_longer_live,
                a_session_keeps_the_newest_of_many_unused_tokens,
                many_uses_at_once_are_decided_one_after_the_other,
                expired_sessions_are_forgotten_and_counted,
                a_rider_who_is_gone_begins_no_session,
            ],
            limits: [
                in_any_span_no_more_acts_are_counted_than_allowed,
                an_act_that_one_limit_refuses_counts_nowhere,
                of_several_reached_limits_the_last_to_end_counts,
                of_many_acts_at_once_no_more_are_counted_than_allowed,
                a_client_is_remembered_for_the_longest_time_asked_for,
                what_no_longer_counts_is_forgotten,
            ],
            journeys: [
                a_journey_comes_back_as_it_was_written,
                a_journey_of_nobody_is_not_added,
                an_active_journey_switches_off_the_one_before,
                journeys_come_oldest_first_whole_or_in_pages,
                a_reader_sees_anothers_public_journeys_only,
                a_page_after_what_is_not_in_the_list_is_refused,
                an_update_overwrites_what_it_names,
                a_completed_journey_is_never_active,
                an_uncompleted_journey_stays_inactive,
                toggling_switches_on_and_off,
                of_any_number_of_toggles_at_once_each_counts,
                at_no_time_are_two_journeys_active,
                a_journey_goes_with_its_markers,
            ],
            markers: [
                a_marker_comes_back_bit_for_bit,
                a_marker_is_found_through_its_journey_only,
                a_marker_of_no_journey_is_not_added,
                markers_come_in_riding_order,
                pages_of_markers_join_into_the_whole,
                a_page_after_a_marker_of_another_journey_is_refused,
                an_update_overwrites_the_details_alone,
                markers_are_counted_and_removed,
                the_ends_of_the_calendar_are_dates_like_any_other,
            ],
            nearby: [
                the_nearest_journeys_are_those_of_brute_force,
                the_nearest_of_two_markers_speaks_for_its_journey,
                own_private_and_completed_journeys_are_left_out,
                whose_a_journey_is_counts_and_not_who_put_the_marker_there,
                ties_go_by_journey_and_within_it_by_marker,
                the_rim_belongs_to_the_circle,
                a_moved_marker_is_found_where_it_is_now,
                what_is_gone_is_not_found,
                ten_thousand_origins_are_one_search,
                searches_during_writes_find_what_is_there_before_and_after,
                the_places_of_a_journey_are_those_of_its_markers,
            ],
            encounters: [
                the_likely_encounters_are_those_of_brute_force,
                the_first_encounters_are_found_without_the_rest,
                a_track_follows_every_change_of_its_markers,
                whatever_was_written_at_once_is_in_the_next_answer,
                nobody_is_met_by_who_is_nowhere,
                the_ends_of_the_calendar_are_days_of_a_track,
                what_is_gone_is_not_met,
                a_candidate_has_its_rider_and_its_track,
                nobody_is_a_candidate_who_must_not_be_met,
                the_dated_markers_of_a_journey_are_all_that_have_a_day,
            ],
            outbox: [
                a_mail_is_leased_to_one_caller_until_the_lease_ends,
                the_longest_due_mail_comes_first_and_no_more_than_asked_for,
                a_postponed_mail_rests,
                a_removed_mail_is_gone_and_may_be_removed_again,
                the_next_mail_due_is_known,
                a_mail_to_nobody_is_not_added,
                two_workers_never_hold_one_mail,
            ],
        }
    };
}

macro_rules! run_on_sqlite {
    ($($group:ident: [$($case:ident,)*],)*) => {
        mod sqlite {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let directory = tempfile::tempdir().unwrap();
                    let path = directory.path().join("kairos.db");
                    let store = kairos_store::sqlite::SqliteStore::open(&path).await.unwrap();
                    let world = crate::World::new(std::sync::Arc::new(store));
                    crate::$group::$case(&world).await;
                })*
            })*
        }
    };
}

macro_rules! run_on_mongodb {
    ($($group:ident: [$($case:ident,)*],)*) => {
        mod mongodb_standalone {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::mongodb_database::on_a_fresh_database(
                        kairos_test_mongod::standalone(),
                        async |world| crate::$group::$case(world).await,
                    )
                    .await;
                })*
            })*
        }
        mod mongodb_replica_set {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::mongodb_database::on_a_fresh_database(
                        kairos_test_mongod::replica_set(),
                        async |world| crate::$group::$case(world).await,
                    )
                    .await;
                })*
            })*
        }
    };
}

for_each_case!(run_on_sqlite);
for_each_case!(run_on_mongodb);

/// A store on which fewer cases run than on another is not tested, however green it is.
#[test]
fn every_case_runs_on_every_store() {
    let list = |which: &[&str]| {
        let program = std::env::current_exe().unwrap();
        let list = std::process::Command::new(program)
            .args(["--list", "--format", "terse"])
            .args(which)
            .output();
        String::from_utf8(list.unwrap().stdout).unwrap()
    };
    assert_eq!(list(&["--ignored"]), "");
    let all = list(&[]);
    let cases = |store: &str| -> std::collections::BTreeSet<String> {
        let of_store = all.lines().filter_map(|line| line.strip_prefix(store));
        of_store.map(str::to_owned).collect()
    };
    let on_sqlite = cases("sqlite::");
    assert!(on_sqlite.len() > 60);
    assert_eq!(cases("mongodb_standalone::"), on_sqlite);
    assert_eq!(cases("mongodb_replica_set::"), on_sqlite);
}
