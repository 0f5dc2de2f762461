// Package documents is the trunk of Vestnik: policy documents, the immutable
// versions of their texts, and the public log of everything that happened to
// them. It never learns that anyone listens.
//
// A [Document] is one policy. Its [Draft] is the one mutable thing; publishing
// turns a revision of it into a [Version], and appends the [Event] that says so
// to the log, both or neither. Which version is in force at an instant, as it
// was known at another, is not stored: it is a fold over the events (see
// [Timeline]), because events may postpone, withdraw or withhold what earlier
// ones announced.
//
// Every rule lives in [Library]. A [Store] stores and orders, and decides
// nothing; two engines implement it and pass the suite in storetest.
package documents
