import ArgumentParser
import GitSource
import Glibc
import Reconciler
import Resources
import Store

/// What the process says with its exit code. The one place that maps errors to codes.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    /// `plan --detailed-exitcode`: there are changes.
    case changes = 2
    /// A safety rule refuses.
    case refused = 3
    /// Wrong usage (`sysexits.h`); most of it is found by the argument parser, which ends the process itself.
    case usage = 64

    /// Ends the command with this code; what there was to say has been said.
    var end: ExitCode { ExitCode(rawValue) }

    /// Says what went wrong and ends the process.
    static func exit(after error: any Error) -> Never {
        if let code = error as? ExitCode {
            // What was refused, or failed, says more.
            if code.rawValue == done.rawValue || code.rawValue == changes.rawValue { exitIfResultsAreLost() }
            Glibc.exit(code.rawValue)
        }
        guard let (message, hint) = explain(error) else {
            if let hint = UsageHint.text(for: ZentraSync.message(for: error)) {
                Console.standard.note(ZentraSync.fullMessage(for: error) + "\nhint: " + hint)
                Glibc.exit(usage.rawValue)
            }
            ZentraSync.exit(withError: error)
        }
        Console.standard.error(message, hint: hint)
        Glibc.exit(status(of: error).rawValue)
    }

    /// A command whose results did not arrive has failed, whatever else it did.
    static func exitIfResultsAreLost() {
        guard let problem = Console.standard.lostResults else { return }
        Console.standard.error(problem, hint: nil)
        Glibc.exit(failed.rawValue)
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case let failure as Failure: failure.status
        case let error as GitError where error.category == .invalidOption: usage
        default: failed
        }
    }

    /// nil for errors of the argument parser, which explains itself.
    private static func explain(_ error: any Error) -> (message: String, hint: String?)? {
        switch error {
        case let failure as Failure: (failure.description, failure.hint)
        case let error as StoreError: (error.description, error.hint)
        case let error as GitError: (error.message, error.hint)
        case let error as DirectoryReader.Failure: (error.description, hint(error))
        case let error as Rollback.Failure: (error.description, error.hint)
        case let problem as SidecarProblem: (problem.description, problem.hint)
        case let error as StalePlan: (error.description, error.hint)
        case let error as InvalidConfiguration:
            (error.description, "`zentra-sync validate` shows all of them")
        case is CancellationError: ("interrupted", nil)
        case is ValidationError, is CleanExit: nil
        default: String(describing: type(of: error)).hasPrefix("CommandError") ? nil : ("\(error)", nil)
        }
    }

    private static func hint(_ error: DirectoryReader.Failure) -> String? {
        error.reason == String(cString: strerror(ENOTDIR))
            ? "name the folder that holds the files: they refer to each other" : nil
    }
}
