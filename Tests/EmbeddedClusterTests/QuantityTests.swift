@testable import EmbeddedCluster
import Testing

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("1024Mi", "1Gi"), ("0.5", "500m"), ("1Gi", "1Gi"), ("1.5Gi", "1536Mi"), ("0", "0"), ("0Mi", "0"),
            ("1000", "1k"), ("1500", "1500"), ("1e3", "1e3"), ("100e1", "1e3"), ("12E2", "1200"), ("1E", "1E"),
            ("-0.5", "-500m"),
            ("+3", "3"), ("512Ki", "512Ki"), ("0.5Ki", "512"), ("1000Ki", "1000Ki"), ("2000M", "2G"), (".5", "500m"),
            ("5.", "5"), ("0.1n", "1n"), ("100m", "100m"), ("1000m", "1"), ("1Ki", "1Ki"), ("1023Ki", "1023Ki"),
            ("99999999999999999999999", "9223372036854775807"), ("0010", "10"),
        ] as [(String, String)])
    func isWrittenInOneForm(_ text: String, _ canonical: String) {
        #expect(Quantity(text)?.canonicalText == canonical)
    }

    @Test(arguments: ["", "Gi", "1 Gi", "1GiB", "x", "1..2", "--1", "1e", ".", "1e1.5"])
    func isRefused(_ text: String) { #expect(Quantity(text) == nil) }
}
