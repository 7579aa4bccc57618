import KubernetesAPI
import Testing

@Suite struct LabelSelectorTests {
    @Test(arguments: [
        ("", true), ("a=b", true), ("a==b", true), ("a=c", false), ("a!=b", false), ("a!=c", true), ("z!=c", true),
        ("a in (b, c)", true), ("a in (c)", false), ("a notin (c,d)", true), ("a notin (b)", false), ("a", true),
        ("z", false), ("!z", true), ("!a", false), ("n>3", true), ("n>7", false), ("n<8", true), ("a=b,n,!z", true),
        ("a=b,n=9", false), ("e=", true), ("app.kubernetes.io/name=stowage", true), (" a = b , n = 7 ", true),
    ])
    func selects(text: String, isSelected: Bool) throws {
        let labels = ["a": "b", "n": "7", "e": "", "app.kubernetes.io/name": "stowage"]
        #expect(try LabelSelector(parsing: text).matches(labels) == isSelected)
    }

    @Test func knowsTheLabelsItRequires() throws {
        #expect(try LabelSelector(parsing: "a=b,c in (d),e in (f,g),h").equalities == ["a": "b", "c": "d"])
    }

    @Test(arguments: [
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        ("a=b,", "unable to parse requirement: found '', expected: identifier after ','"),
        ("a in b", "unable to parse requirement: found 'b', expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=b c", "unable to parse requirement: found 'c', expected: ',' or 'end of string'"),
        ("=b", "unable to parse requirement: found '=', expected: identifier"),
    ])
    func refusesWithTheMessageOfTheAPI(text: String, message: String) {
        #expect { try LabelSelector(parsing: text) } throws: { "\($0)" == message }
    }
}
