namespace Fibril.Testing;

/// <summary>What a crash takes away.</summary>
public enum CrashKind
{
    /// <summary>The process is gone, and the machine is not: everything that was written is there, synced or not.</summary>
    ProcessKill,

    /// <summary>The machine is gone: what was not synced is lost.</summary>
    PowerLoss,
}
