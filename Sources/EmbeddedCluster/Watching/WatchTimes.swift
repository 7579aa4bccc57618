/// How long watches last.
struct WatchTimes: Sendable {
    /// How long a watch lasts that does not say so, in seconds. Random, so that those who begin together do not all
    /// come back together.
    var seconds = 1800.0..<3600.0
    /// How often a watch that wants it is told how far it is.
    var bookmarkInterval = Duration.seconds(60)
}
