using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Fibril.Client.Connection;

namespace Fibril.Client;

/// <summary>
/// The outcome to come of a message that is on its way. Await it once for the offset, from any thread, or turn it into a task to await it
/// more often; not awaiting it at all is fine too, and then nobody learns of a failure.
/// </summary>
/// <remarks>
/// Awaiting throws what <see cref="Publisher.PublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)"/> throws when the
/// broker refuses, does not answer, or is lost; in the last two cases the message may have been stored.
/// </remarks>
public readonly struct PublishConfirmation : IEquatable<PublishConfirmation>
{
    private readonly PublishReply _reply;
    private readonly short _version;

    internal PublishConfirmation(PublishReply reply)
    {
        _reply = reply;
        _version = reply.Version;
    }

    /// <summary>True when awaiting will not wait.</summary>
    public bool IsCompleted => _reply.GetStatus(_version) != ValueTaskSourceStatus.Pending;

    /// <summary>The offset as a task that can be awaited any number of times. Counts as the one await.</summary>
    public Task<long> AsTask() => new ValueTask<long>(_reply, _version).AsTask();

    /// <summary>The offset as a value task, to be awaited once.</summary>
    public ValueTask<long> AsValueTask() => new(_reply, _version);

    /// <summary>Awaits the offset.</summary>
    public ValueTaskAwaiter<long> GetAwaiter() => new ValueTask<long>(_reply, _version).GetAwaiter();

    /// <summary>Awaits the offset.</summary>
    public ConfiguredValueTaskAwaitable<long> ConfigureAwait(bool continueOnCapturedContext) =>
        new ValueTask<long>(_reply, _version).ConfigureAwait(continueOnCapturedContext);

    /// <inheritdoc/>
    public bool Equals(PublishConfirmation other) => _reply == other._reply && _version == other._version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PublishConfirmation other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_reply, _version);

    /// <summary>True when both stand for the same message.</summary>
    public static bool operator ==(PublishConfirmation left, PublishConfirmation right) => left.Equals(right);

    /// <summary>False when both stand for the same message.</summary>
    public static bool operator !=(PublishConfirmation left, PublishConfirmation right) => !left.Equals(right);
}
