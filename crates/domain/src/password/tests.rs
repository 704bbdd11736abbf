use super::*;

#[test]
fn the_bounds_are_those_of_bcrypt() {
    assert_eq!(
        NewPassword::parse("1234567").err(),
        Some(InvalidPassword::TooShort)
    );
    assert!(NewPassword::parse("12345678").is_ok());
    assert!(NewPassword::parse(&"x".repeat(72)).is_ok());
    assert_eq!(
        NewPassword::parse(&"x".repeat(73)).err(),
        Some(InvalidPassword::TooLong)
    );
    assert_eq!(
        NewPassword::parse(&"é".repeat(37)).err(),
        Some(InvalidPassword::TooLong)
    );
    assert_eq!(NewPassword::parse("1234567\0").err(), Some(InvalidPassword::Nul));
}

#[test]
fn the_bounds_are_those_of_the_composed_form() {
    // Six letters of two code points each are six characters, 73 bytes are 72 composed.
    let decomposed = "e\u{301}".repeat(6);
    assert_eq!(
        NewPassword::parse(&decomposed).err(),
        Some(InvalidPassword::TooShort)
    );
    let long = format!("e\u{301}{}", "x".repeat(70));
    assert_eq!(NewPassword::parse(&long).unwrap().0.len(), 72);
}
