import CFuzzer
import CLibrary

// Gives the bytes of libFuzzer to the target that FUZZ_TARGET names. scripts/fuzz builds and runs this.

let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
guard let target = FuzzTarget(rawValue: name) else {
    print("FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    exit(64)
}
// The callback can hold on to nothing of its own.
FuzzTarget.chosen = target

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = withUnsafeMutablePointer(to: &arguments) { arguments in
    arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
        LLVMFuzzerRunDriver(&count, $0) { start, count in
            FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        }
    }
}
exit(status)
