import Testing

@testable import Runner

@Suite struct EngineDurationTests {
    @Test(
        arguments: [
            ("60s", .seconds(60)), ("1m30s", .seconds(90)), ("1.5h", .seconds(5400)), ("500ms", .milliseconds(500)),
            ("2us", .microseconds(2)), ("2µs", .microseconds(2)), ("0", .zero), ("0s", .zero), ("", nil), ("5", nil),
            ("s", nil), ("5x", nil), ("5s ", nil), ("-5s", nil), ("1..5s", nil), ("soon", nil),
        ] as [(String, Duration?)])
    func isReadAsTheEnginesDo(text: String, duration: Duration?) {
        #expect(EngineDuration.duration(text) == duration)
    }

    @Test func whatIsLongerThanACenturyIsNoFault() { #expect(EngineDuration.duration("99999999999999h") != nil) }
}
