using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Support;

/// <summary>One line of a log.</summary>
internal sealed record LogLine(LogLevel Level, int Event, string Text, Exception? Exception);

/// <summary>Keeps what is logged. Thread-safe.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(new LogLine(logLevel, eventId.Id, formatter(state, exception), exception));

    public override string ToString() => string.Join('\n', _lines.Select(static line => $"{line.Level} {line.Text} {line.Exception}"));
}
