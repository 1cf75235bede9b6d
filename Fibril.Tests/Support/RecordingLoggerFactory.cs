using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Support;

/// <summary>Gives everyone the same logger, which keeps what it is told.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory
{
    public RecordingLogger Log { get; } = new();

    public ILogger CreateLogger(string categoryName) => Log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
