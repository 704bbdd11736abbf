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

mod addresses;
mod administration;
mod bounds;
mod deletions;
mod derived;
mod encounters;
mod fixtures;
mod invitations;
mod journeys;
mod late_refreshes;
mod legacy_tokens;
mod marker_pages;
mod markers;
mod mongodb_database;
mod mongodb_full_disk;
mod mongodb_interrupted;
mod mongodb_legacy_data;
mod mongodb_transfer;
mod nearby;
mod outbox;
mod rate_limits;
mod sessions;
mod sqlite_file;
mod sqlite_migration;
mod sqlite_moved_file;
mod transfer;
mod users;
mod writes;

use fixtures::World;

macro_rules! for_each_case {
    ($run:ident) => {
        $run! {
            users: [
                an_account_comes_back_as_it_was_written,
                an_account_and_its_mail_are_there_together_or_not_at_all,
                of_many_registrations_of_one_address_at_once_one_succeeds,
                nasty_text_is_only_text,
                some_accounts_are_read_at_once,
                a_profile_is_overwritten_and_nothing_else,
                an_account_that_was_changed_meanwhile_is_not_overwritten,
                another_address_and_its_mails_are_there_together,
                another_spelling_of_the_address_is_only_kept,
                a_taken_address_changes_nothing,
                of_many_changes_of_one_password_one_succeeds_and_ends_all_sessions,
                a_change_of_anything_else_ends_no_session,
                an_account_goes_with_everything_that_was_its_riders,
            ],
            addresses: [
                addresses_are_compared_by_their_keys,
            ],
            invitations: [
                an_invitation_is_good_for_one_registration,
                of_many_registrations_by_one_invitation_one_succeeds,
                an_invitation_is_good_until_it_expires,
            ],
            writes: [
                a_key_is_remembered_with_what_was_made,
                of_many_writes_at_once_under_one_key_one_acts,
                a_refused_write_remembers_no_key_and_counts_nowhere,
                a_key_is_forgotten_after_a_day,
                a_rider_writes_no_more_often_than_the_rate,
                every_kind_of_write_counts_against_the_rate,
                sixteen_writers_on_one_journey_all_succeed,
            ],
            bounds: [
                a_rider_has_no_more_journeys_than_the_bound,
                a_journey_has_no_more_markers_than_the_bound,
                a_journey_has_no_more_text_than_the_bound,
                an_account_has_no_more_text_than_its_bound,
            ],
            sessions: [
                a_token_is_traded_for_its_successor,
                a_used_token_is_good_within_its_grace_counted_from_its_first_use,
                a_token_that_the_session_does_not_know_ends_it,
                a_session_that_has_ended_expired_or_never_existed_refuses,
                a_rotation_moves_the_end_of_the_session,
                a_session_ends_by_a_token_that_is_no_longer_live,
                a_session_keeps_the_newest_of_many_unused_tokens,
                many_uses_at_once_are_decided_one_after_the_other,
                expired_sessions_are_purged_and_counted,
                a_rider_who_is_gone_begins_no_session,
            ],
            late_refreshes: [
                a_token_used_late_makes_its_new_successor_the_only_one,
                a_successor_that_a_late_use_has_made_void_ends_the_session,
                a_token_used_late_ends_the_session_once_a_successor_was_used,
                siblings_of_a_used_successor_stay_valid,
                a_late_use_spares_the_successors_of_other_tokens,
                many_late_uses_at_once_leave_one_successor,
                a_late_use_and_the_use_of_a_successor_at_once_are_decided_one_after_the_other,
            ],
            legacy_tokens: [
                an_earlier_token_begins_one_session_and_counts_as_used,
                an_earlier_token_used_late_is_a_used_one_like_any_other,
                an_earlier_token_whose_session_ended_stays_refused,
                an_earlier_token_can_be_ended_before_it_was_seen,
                many_uses_of_an_earlier_token_at_once_begin_one_session,
                an_earlier_token_of_a_rider_who_is_gone_begins_no_session,
            ],
            rate_limits: [
                in_any_span_no_more_acts_are_counted_than_allowed,
                an_act_that_one_limit_refuses_counts_nowhere,
                of_several_reached_limits_the_last_to_end_counts,
                of_many_acts_at_once_no_more_are_counted_than_allowed,
                a_client_is_remembered_for_the_longest_time_asked_for,
                acts_and_clients_that_no_longer_count_are_purged,
            ],
            journeys: [
                a_journey_comes_back_as_it_was_written,
                a_journey_of_nobody_is_not_added,
                a_private_journey_is_there_for_its_owner_only,
                an_active_journey_switches_off_the_one_before,
                journeys_come_oldest_first_whole_or_in_pages,
                a_reader_sees_anothers_public_journeys_only,
                a_page_of_journeys_holds_so_many_bytes_of_texts,
                a_journey_is_replaced_and_nothing_else,
                a_journey_that_was_changed_meanwhile_is_neither_replaced_nor_deleted,
                a_completed_journey_is_not_active,
                becoming_active_switches_off_the_other,
                of_any_number_of_toggles_at_once_each_counts,
                at_no_time_are_two_journeys_active,
                a_journey_goes_with_its_markers,
            ],
            marker_pages: [
                markers_come_in_riding_order,
                pages_of_markers_join_into_the_whole,
                a_page_of_markers_holds_so_many_bytes_of_texts,
                markers_that_do_not_change_between_two_pages_are_there_once,
                markers_are_listed_for_readers_who_may_know_of_the_journey,
                the_places_of_markers_come_in_riding_order,
                the_markers_of_several_journeys_are_counted_up_to_a_bound,
            ],
            markers: [
                a_marker_comes_back_bit_for_bit,
                a_marker_is_found_through_its_journey_only,
                a_marker_of_no_journey_is_not_added,
                a_replacement_overwrites_the_details_alone,
                a_marker_that_was_changed_meanwhile_is_neither_replaced_nor_deleted,
                a_removed_marker_is_gone,
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
                a_journey_that_changes_is_found_as_it_is_now,
                what_is_gone_is_not_found,
                ten_thousand_origins_are_one_search,
                searches_during_writes_find_what_is_there_before_and_after,
                the_origins_are_the_markers_of_the_journey,
            ],
            encounters: [
                encounters_are_those_of_brute_force,
                an_encounter_has_the_journey_its_rider_and_both_positions,
                only_days_of_the_window_count,
                an_itinerary_follows_every_change_of_its_markers,
                a_past_marker_later_than_tomorrow_has_no_day_until_it_is_tomorrow,
                whatever_was_written_at_once_is_in_the_next_answer,
                nobody_is_met_by_who_is_nowhere,
                the_ends_of_the_calendar_are_days_of_an_itinerary,
                what_is_gone_is_not_met,
                own_private_and_completed_journeys_are_not_met,
                a_journey_without_dates_is_not_met,
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
            deletions: [
                a_large_journey_is_gone_at_once_and_removed_in_batches,
                a_large_account_is_gone_at_once_and_removed_in_batches,
                a_deletion_gives_back_at_once_what_was_held,
                others_write_while_a_deletion_goes_on,
            ],
            administration: [
                records_come_in_pages_and_each_once,
                added_records_are_found_at_once,
                added_records_leave_those_that_are_there_as_they_are,
                a_record_whose_parent_is_missing_is_not_added,
                two_accounts_of_one_address_stay,
                an_inspection_counts_what_is_there,
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
                    world.check().await;
                })*
            })*
        }
    };
}

macro_rules! run_on_mongodb {
    ($($group:ident: [$($case:ident,)*],)*) => {
        mod mongodb {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::mongodb_database::on_a_fresh_database(
                        kairos_test_mongod::replica_set(),
                        async |world| {
                            crate::$group::$case(world).await;
                            world.check().await;
                        },
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
    assert!(on_sqlite.len() > 100);
    assert_eq!(cases("mongodb::"), on_sqlite);
}
