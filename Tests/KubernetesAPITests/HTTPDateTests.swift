import Testing

@testable import KubernetesAPI

@Suite struct HTTPDateTests {
    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Wed, 25 Nov 2026 00:00:00 GMT", 1_795_564_800), ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("", nil),
            ("Sun, 06 nov 1994 08:49:37 GMT", nil),
            ("1994-11-06T08:49:37Z", nil), ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
        ] as [(String, Double?)])
    func isSecondsSince1970(text: String, seconds: Double?) { #expect(HTTPDate.seconds(text) == seconds) }
}
