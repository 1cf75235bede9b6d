using Fibril.Client.Telemetry;

namespace Fibril.Client;

/// <summary>
/// The time that an application spends on one message: an activity, which is the current one meanwhile, and a measurement. Made by
/// <see cref="ReceivedMessage.BeginProcessing"/>; ends when it is disposed. For one caller at a time.
/// </summary>
public sealed class MessageProcessing : IDisposable
{
    private readonly ClientOperation _operation;
    private Exception? _failure;

    internal MessageProcessing(ClientOperation operation) => _operation = operation;

    /// <summary>Notes that processing failed. The last call counts; the message is still to be settled.</summary>
    /// <param name="exception">Gives the type of the error and its description.</param>
    public void Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        _failure = exception;
    }

    /// <summary>Ends the activity and takes the measurement. Can be called again.</summary>
    public void Dispose() => _operation.End(_failure);
}
