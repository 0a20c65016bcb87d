//! The two forms of a point in time: HTTP-date and `xs:dateTime` in UTC.
//!
//! ```text
//! Thu, 08 Jan 2004 10:13:17 GMT      IMF-fixdate, RFC 9110 clause 5.6.7
//! 2004-01-09T10:13:17Z               xs:dateTime, XML Schema part 2; UTC by TS 24.109 Annex C
//! ```
//!
//! All functions are pure: seconds since 1970-01-01T00:00:00Z go in and come out.

use crate::error::DecodeError;
use crate::http::trim_blanks;

const HTTP_DATE: &str = "HTTP-date";
const DATE_TIME: &str = "dateTime";
const DAY: i64 = 86_400;
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
/// In the order of the days since the epoch, which was a Thursday.
const WEEKDAYS: [&[u8]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what four digits of a year can say.
const RANGE: (i64, i64) = (-62_167_219_200, 253_402_300_799);

/// Reads an HTTP-date in the one form that a sender may use (IMF-fixdate). Blanks and tabs at both
/// ends are skipped, because they are no part of a field value (RFC 9110 clause 5.5). Second 60
/// is a leap second and counts as the first second of the next minute.
///
/// `BadValue` for any other form, a value out of range, or a weekday that does not fit the date.
pub fn parse_http_date(text: &[u8]) -> Result<i64, DecodeError> {
    let bad = |why| DecodeError::BadValue {
        field: HTTP_DATE,
        why,
    };
    let mut rest = trim_blanks(text);
    let weekday =
        take_name(&mut rest, &WEEKDAYS).ok_or(bad("the weekday is not a name of three letters"))?;
    let shape = bad("the form is not that of Thu, 08 Jan 2004 10:13:17 GMT");
    expect(&mut rest, b", ").ok_or(shape)?;
    let day = take_number(&mut rest, 2).ok_or(shape)?;
    expect(&mut rest, b" ").ok_or(shape)?;
    let month = take_name(&mut rest, &MONTHS).ok_or(shape)? + 1;
    expect(&mut rest, b" ").ok_or(shape)?;
    let year = take_number(&mut rest, 4).ok_or(shape)?;
    expect(&mut rest, b" ").ok_or(shape)?;
    let time = take_time(&mut rest).ok_or(shape)?;
    expect(&mut rest, b" GMT").ok_or(shape)?;
    if !rest.is_empty() {
        return Err(DecodeError::TrailingData(HTTP_DATE));
    }
    let days = days_since_epoch(year, month, day).ok_or(bad("there is no such day"))?;
    if days.rem_euclid(7) != weekday {
        return Err(bad("the weekday does not fit the date"));
    }
    if time.hour > 23 || time.minute > 59 || time.second > 60 {
        return Err(bad("there is no such time of day"));
    }
    Ok(days * DAY + time.seconds())
}

/// Reads an `xs:dateTime` that is in UTC and says so with `Z`. Fractions of a second are read and
/// dropped, 24:00:00 is the end of the day. Years have four digits and start at 0001.
///
/// `BadValue` for any other form, an offset or no zone, or a value out of range.
pub fn parse_utc_date_time(text: &[u8]) -> Result<i64, DecodeError> {
    let bad = |why| DecodeError::BadValue {
        field: DATE_TIME,
        why,
    };
    let shape = bad("the form is not that of 2004-01-09T10:13:17Z");
    let mut rest = text;
    let year = take_number(&mut rest, 4).ok_or(shape)?;
    expect(&mut rest, b"-").ok_or(shape)?;
    let month = take_number(&mut rest, 2).ok_or(shape)?;
    expect(&mut rest, b"-").ok_or(shape)?;
    let day = take_number(&mut rest, 2).ok_or(shape)?;
    expect(&mut rest, b"T").ok_or(shape)?;
    let time = take_time(&mut rest).ok_or(shape)?;
    let has_fraction = take_fraction(&mut rest).ok_or(shape)?;
    if rest != b"Z" {
        return Err(bad("the zone is not Z"));
    }
    let days = days_since_epoch(year, month, day)
        .filter(|_| year > 0)
        .ok_or(bad("there is no such day"))?;
    let is_end_of_day =
        time.hour == 24 && time.minute == 0 && time.second == 0 && has_fraction == Fraction::Zero;
    let is_in_day = time.hour <= 23 && time.minute <= 59 && time.second <= 59;
    if !is_in_day && !is_end_of_day {
        return Err(bad("there is no such time of day"));
    }
    Ok(days * DAY + time.seconds())
}

/// The moment as an HTTP-date (RFC 9110 clause 5.6.7), for example
/// `Thu, 08 Jan 2004 10:13:17 GMT`. Moments outside of the years 0000 to 9999 are shown as the
/// nearest moment inside.
pub fn http_date(unix_seconds: i64) -> String {
    let civil = Civil::of(unix_seconds);
    let name = |bytes: &'static [u8]| str::from_utf8(bytes).unwrap_or_default();
    let weekday = usize::try_from(civil.days.rem_euclid(7)).map_or("", |day| name(WEEKDAYS[day]));
    let month = usize::try_from(civil.month - 1).map_or("", |month| name(MONTHS[month]));
    format!(
        "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
        civil.day, civil.year, civil.hour, civil.minute, civil.second
    )
}

/// The moment as an `xs:dateTime` in UTC with `Z` and whole seconds (TS 24.109 Annex C), for
/// example `2004-01-09T10:13:17Z`. Moments outside of the years 0000 to 9999 are shown as the
/// nearest moment inside.
pub fn utc_date_time(unix_seconds: i64) -> String {
    let civil = Civil::of(unix_seconds);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
    )
}

struct TimeOfDay {
    hour: i64,
    minute: i64,
    second: i64,
}

impl TimeOfDay {
    fn seconds(&self) -> i64 {
        self.hour * 3600 + self.minute * 60 + self.second
    }
}

#[derive(Eq, PartialEq)]
enum Fraction {
    Zero,
    NotZero,
}

struct Civil {
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// The calendar of a moment. The year is taken to begin in March, so that the leap day is its
    /// last day and the months have lengths that a straight line gives.
    fn of(unix_seconds: i64) -> Self {
        let seconds = unix_seconds.clamp(RANGE.0, RANGE.1);
        let days = seconds.div_euclid(DAY);
        let in_day = seconds.rem_euclid(DAY);
        let since_0000_03_01 = days + 719_468;
        let era = since_0000_03_01.div_euclid(146_097);
        let day_of_era = since_0000_03_01.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        Self {
            days,
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            hour: in_day / 3600,
            minute: in_day / 60 % 60,
            second: in_day % 60,
        }
    }
}

/// The days from 1970-01-01 to this day of the Gregorian calendar; `None` if there is no such day.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let (march_year, march_month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn take_time(rest: &mut &[u8]) -> Option<TimeOfDay> {
    let hour = take_number(rest, 2)?;
    expect(rest, b":")?;
    let minute = take_number(rest, 2)?;
    expect(rest, b":")?;
    let second = take_number(rest, 2)?;
    Some(TimeOfDay {
        hour,
        minute,
        second,
    })
}

/// A fraction of a second, `.` and at least one digit; `None` for a point without digits.
fn take_fraction(rest: &mut &[u8]) -> Option<Fraction> {
    let Some(after_point) = rest.strip_prefix(b".") else {
        return Some(Fraction::Zero);
    };
    let length = after_point
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if length == 0 {
        return None;
    }
    let (digits, after) = after_point.split_at(length);
    *rest = after;
    let is_zero = digits.iter().all(|&digit| digit == b'0');
    Some(if is_zero {
        Fraction::Zero
    } else {
        Fraction::NotZero
    })
}

fn take_number(rest: &mut &[u8], digits: usize) -> Option<i64> {
    let (text, after) = rest.split_at_checked(digits)?;
    let mut number = 0;
    for byte in text {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(byte - b'0');
    }
    *rest = after;
    Some(number)
}

/// The place in `names` of the three letters that come next. Names are case-sensitive
/// (RFC 9110 clause 5.6.7).
fn take_name(rest: &mut &[u8], names: &[&[u8]]) -> Option<i64> {
    let (text, after) = rest.split_at_checked(3)?;
    let place = names.iter().position(|name| *name == text)?;
    *rest = after;
    i64::try_from(place).ok()
}

fn expect(rest: &mut &[u8], literal: &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(literal)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::table_4_5_6("Thu, 08 Jan 2004 10:13:17 GMT", 1_073_556_797)]
    #[case::table_e_4_1("Fri, 09 Jan 2004 10:50:36 GMT", 1_073_645_436)]
    #[case::rfc9110("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777)]
    #[case::epoch("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    #[case::before_epoch("Wed, 31 Dec 1969 23:59:59 GMT", -1)]
    #[case::leap_day("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600)]
    #[case::leap_century("Tue, 29 Feb 2400 12:00:00 GMT", 13_574_606_400)]
    #[case::last("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799)]
    #[case::first("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200)]
    fn reads_and_writes_http_dates(#[case] text: &str, #[case] time: i64) {
        assert_eq!(parse_http_date(text.as_bytes()), Ok(time));
        assert_eq!(http_date(time), text);
    }

    #[test]
    fn skips_blanks_around_an_http_date() {
        assert_eq!(parse_http_date(b" Thu, 01 Jan 1970 00:00:00 GMT\t"), Ok(0));
    }

    #[test]
    fn counts_a_leap_second_as_the_next_second() {
        assert_eq!(
            parse_http_date(b"Sat, 31 Dec 2016 23:59:60 GMT"),
            Ok(1_483_228_800)
        );
    }

    #[rstest]
    #[case::empty("", "three letters")]
    #[case::rfc850("Sunday, 06-Nov-94 08:49:37 GMT", "the form")]
    #[case::asctime("Sun Nov  6 08:49:37 1994", "the form")]
    #[case::wrong_weekday("Fri, 08 Jan 2004 10:13:17 GMT", "weekday does not fit")]
    #[case::lower_case("thu, 08 Jan 2004 10:13:17 GMT", "three letters")]
    #[case::one_digit_day("Thu, 8 Jan 2004 10:13:17 GMT", "the form")]
    #[case::local_zone("Thu, 08 Jan 2004 10:13:17 CET", "the form")]
    #[case::offset("Thu, 08 Jan 2004 10:13:17 +0000", "the form")]
    #[case::no_such_day("Sun, 30 Feb 2003 10:13:17 GMT", "no such day")]
    #[case::day_zero("Wed, 00 Jan 2004 10:13:17 GMT", "no such day")]
    #[case::no_leap_year("Thu, 29 Feb 1900 10:13:17 GMT", "no such day")]
    #[case::hour_24("Thu, 08 Jan 2004 24:00:00 GMT", "no such time")]
    #[case::second_61("Thu, 08 Jan 2004 10:13:61 GMT", "no such time")]
    #[case::sign("Thu, 08 Jan +004 10:13:17 GMT", "the form")]
    fn refuses_what_is_no_http_date(#[case] text: &str, #[case] hint: &str) {
        let Err(DecodeError::BadValue {
            field: "HTTP-date",
            why,
        }) = parse_http_date(text.as_bytes())
        else {
            panic!("accepted, or another error");
        };
        assert!(why.contains(hint), "{why}");
    }

    #[test]
    fn refuses_text_behind_an_http_date() {
        let text = b"Thu, 08 Jan 2004 10:13:17 GMT+1";
        assert_eq!(
            parse_http_date(text),
            Err(DecodeError::TrailingData("HTTP-date"))
        );
    }

    #[rstest]
    #[case::of_the_flow("2004-01-09T10:13:17Z", 1_073_643_197)]
    #[case::epoch("1970-01-01T00:00:00Z", 0)]
    #[case::leap_day("2024-02-29T23:59:59Z", 1_709_251_199)]
    #[case::last("9999-12-31T23:59:59Z", 253_402_300_799)]
    #[case::first("0001-01-01T00:00:00Z", -62_135_596_800)]
    fn reads_and_writes_date_times(#[case] text: &str, #[case] time: i64) {
        assert_eq!(parse_utc_date_time(text.as_bytes()), Ok(time));
        assert_eq!(utc_date_time(time), text);
    }

    #[rstest]
    #[case::fraction("2004-01-09T10:13:17.999Z", 1_073_643_197)]
    #[case::end_of_day("2004-01-09T24:00:00Z", 1_073_692_800)]
    #[case::end_of_day_with_zeros("2004-01-09T24:00:00.00Z", 1_073_692_800)]
    fn reads_other_spellings(#[case] text: &str, #[case] time: i64) {
        assert_eq!(parse_utc_date_time(text.as_bytes()), Ok(time));
    }

    #[rstest]
    #[case::empty("", "the form")]
    #[case::no_zone("2004-01-09T10:13:17", "zone")]
    #[case::offset("2004-01-09T12:13:17+02:00", "zone")]
    #[case::zero_offset("2004-01-09T10:13:17+00:00", "zone")]
    #[case::lower_case_z("2004-01-09T10:13:17z", "zone")]
    #[case::text_behind("2004-01-09T10:13:17Z ", "zone")]
    #[case::lower_case_t("2004-01-09t10:13:17Z", "the form")]
    #[case::blank_for_t("2004-01-09 10:13:17Z", "the form")]
    #[case::seconds_count("86400", "the form")]
    #[case::no_fraction_digits("2004-01-09T10:13:17.Z", "the form")]
    #[case::year_zero("0000-01-09T10:13:17Z", "no such day")]
    #[case::negative_year("-0044-03-15T10:13:17Z", "the form")]
    #[case::five_digit_year("12004-01-09T10:13:17Z", "the form")]
    #[case::month_13("2004-13-09T10:13:17Z", "no such day")]
    #[case::no_such_day("2003-02-29T10:13:17Z", "no such day")]
    #[case::leap_second("2016-12-31T23:59:60Z", "no such time")]
    #[case::after_the_end("2004-01-09T24:00:01Z", "no such time")]
    #[case::just_after_the_end("2004-01-09T24:00:00.1Z", "no such time")]
    fn refuses_what_is_no_utc_date_time(#[case] text: &str, #[case] hint: &str) {
        let Err(DecodeError::BadValue {
            field: "dateTime",
            why,
        }) = parse_utc_date_time(text.as_bytes())
        else {
            panic!("accepted, or another error");
        };
        assert!(why.contains(hint), "{why}");
    }

    #[rstest]
    #[case(i64::MIN, "0000-01-01T00:00:00Z")]
    #[case(i64::MAX, "9999-12-31T23:59:59Z")]
    fn shows_times_out_of_range_as_the_nearest(#[case] time: i64, #[case] text: &str) {
        assert_eq!(utc_date_time(time), text);
    }

    proptest! {
        #[test]
        fn round_trips(time in -62_135_596_800..=253_402_300_799_i64) {
            prop_assert_eq!(parse_http_date(http_date(time).as_bytes()), Ok(time));
            prop_assert_eq!(parse_utc_date_time(utc_date_time(time).as_bytes()), Ok(time));
        }

        #[test]
        fn refuses_or_reads_any_bytes(bytes: Vec<u8>) {
            let _ = (parse_http_date(&bytes), parse_utc_date_time(&bytes));
        }
    }
}
