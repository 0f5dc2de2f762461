package documents

// The codes of refusals: keys of the catalogues that translate them. Each
// comment names what Args hold, in order. A code never changes its meaning.
const (
	CodeSlug          = "slug"            // id
	CodeReserved      = "slug-reserved"   // id
	CodeNoLanguage    = "language-none"   //
	CodeLanguage      = "language"        // tag
	CodePrevailing    = "prevailing"      // tag
	CodeMissing       = "text-missing"    // language
	CodeExtra         = "text-extra"      // language
	CodeTwice         = "text-twice"      // language
	CodeTitle         = "title-empty"     // language
	CodeTitleLong     = "title-long"      // language, limit
	CodeControl       = "control"         // language of a title or note, else ""; code point, such as U+202E
	CodeLong          = "too-long"        // limit; Field says what
	CodeGroup         = "group"           // name
	CodeUTF8          = "text-not-utf8"   // language
	CodeNUL           = "text-nul"        // language, line
	CodeEmpty         = "text-empty"      // language
	CodeTooBig        = "text-too-big"    // language, limit in MB
	CodeLines         = "text-lines"      // language, limit
	CodeClass         = "class"           // class
	CodeConsent       = "class-consent"   //
	CodeNote          = "note-missing"    // language
	CodeNoteLong      = "note-long"       // language, slot, limit
	CodeNoteExtra     = "note-extra"      // language
	CodeNoteRule      = "note-rule"       // language
	CodeNoteSame      = "note-same"       //
	CodeNoteSlots     = "note-slots"      //
	CodeReason        = "reason-missing"  //
	CodeReasonUrgent  = "reason-urgent"   //
	CodeReasonTouches = "reason-touches"  // topic, clause
	CodeReasonLong    = "reason-long"     // limit
	CodeBasisDate     = "basis-date"      // date
	CodeDate          = "date"            // what was given
	CodeZone          = "zone"            // name
	CodePast          = "effective-past"  // what was given
	CodeOrder         = "effective-order" // version, its date
	CodeEarly         = "effective-early" // the first date that is not early
	CodeCannotTell    = "cannot-tell"     //
	CodeFourEyes      = "four-eyes"       //
	CodeOwnApproval   = "own-approval"    //
	CodeState         = "draft-state"     // state
	CodeRevisionUsed  = "revision-used"   // version
	CodeComment       = "comment-missing" //
	CodeNoDraft       = "draft-none"      //

	CodeImportPublished = "import-published"  // document
	CodeImportEmpty     = "import-empty"      //
	CodeImportNumber    = "import-number"     // number, the one expected
	CodeImportUndated   = "import-undated"    // number
	CodeImportPrevail   = "import-prevailing" // number, language

	CodeClassSame    = "class-same"    // class
	CodeNotUpcoming  = "not-upcoming"  // version
	CodeWithdrawn    = "withdrawn"     // version
	CodeNotLater     = "not-later"     // the date it has
	CodePostponeNext = "postpone-next" // the version that is in the way
	CodeFigures      = "figures"       //
	CodeLost         = "lost"          //
	CodeOrigin       = "origin"        //
	CodeKey          = "key"           // limit
)

// The reasons of a Doubt: catalogue keys too.
const (
	DoubtContinues = "doubt-continues" // the clause may or may not continue one of the last version
	DoubtLanguage  = "doubt-language"  // it may or may not say what the clause with this id says in the prevailing language
	DoubtAlone     = "doubt-alone"     // nothing in the prevailing language corresponds to it
	DoubtDiffers   = "doubt-differs"   // its own last version and the prevailing language point to different ids
)
