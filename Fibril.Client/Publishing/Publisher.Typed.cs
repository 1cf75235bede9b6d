using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fibril.Client.Publishing;
using Fibril.Client.Serialization;
using MessagePack;
using MessagePack.Formatters;

namespace Fibril.Client;

// Values are serialized on the caller's thread before anything is sent, so a value may be changed when the call has returned.
public sealed partial class Publisher
{
    private const string DynamicMessagePack = "The resolver of the options may generate code at run time; pass a formatter instead.";
    private const string ReflectionJson = "JSON by reflection needs types that trimming may remove; pass JsonTypeInfo<T> instead.";

    /// <summary>Publishes a value and waits until the broker has stored it.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="serializer">Also gives the content type, unless the properties do.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <exception cref="FibrilSerializationException">The value cannot be serialized.</exception>
    /// <inheritdoc cref="PublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    public ValueTask<long> PublishAsync<T>(
        T value, MessageSerializer<T> serializer, MessageProperties? properties = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        PayloadWriter payload = serializer.ToPayload(value);
        try
        {
            return Publish(new OutgoingPayload(payload.Written), properties, serializer.WireContentType, cancellationToken);
        }
        finally
        {
            PayloadWriter.Return(payload);
        }
    }

    /// <summary>Publishes a value and returns when it is on its way.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="serializer">Also gives the content type, unless the properties do.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting for room; the message is not published then.</param>
    /// <exception cref="FibrilSerializationException">The value cannot be serialized.</exception>
    /// <inheritdoc cref="BeginPublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    public ValueTask<PublishConfirmation> BeginPublishAsync<T>(
        T value, MessageSerializer<T> serializer, MessageProperties? properties = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        PayloadWriter payload = serializer.ToPayload(value);
        try
        {
            return Begin(new OutgoingPayload(payload.Written), properties, serializer.WireContentType, cancellationToken);
        }
        finally
        {
            PayloadWriter.Return(payload);
        }
    }

    /// <summary>Publishes a value without asking for a confirmation.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="serializer">Also gives the content type, unless the properties do.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting for room; the message is not published then.</param>
    /// <exception cref="FibrilSerializationException">The value cannot be serialized.</exception>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    public ValueTask SendAsync<T>(
        T value, MessageSerializer<T> serializer, MessageProperties? properties = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        PayloadWriter payload = serializer.ToPayload(value);
        try
        {
            return Send(new OutgoingPayload(payload.Written), properties, serializer.WireContentType, cancellationToken);
        }
        finally
        {
            PayloadWriter.Return(payload);
        }
    }

    /// <summary>Publishes a value as JSON and waits until the broker has stored it.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="typeInfo">Metadata that the source generator made.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <inheritdoc cref="PublishAsync{T}(T, MessageSerializer{T}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    public ValueTask<long> PublishJsonAsync<T>(
        T value, JsonTypeInfo<T> typeInfo, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        PublishAsync(value, MessageSerializer.Json(typeInfo), properties, cancellationToken);

    /// <summary>Publishes a value as JSON, by reflection, and waits until the broker has stored it.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="options">Null for the defaults of the web.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <inheritdoc cref="PublishAsync{T}(T, MessageSerializer{T}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public ValueTask<long> PublishJsonAsync<T>(
        T value, JsonSerializerOptions? options = null, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        PublishAsync(value, MessageSerializer.Json<T>(options), properties, cancellationToken);

    /// <summary>Publishes a value as MessagePack and waits until the broker has stored it.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="formatter">What it needs for members must be built into MessagePack.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <inheritdoc cref="PublishAsync{T}(T, MessageSerializer{T}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    public ValueTask<long> PublishMessagePackAsync<T>(
        T value, IMessagePackFormatter<T> formatter, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        PublishAsync(value, MessageSerializer.MessagePack(formatter), properties, cancellationToken);

    /// <summary>Publishes a value as MessagePack and waits until the broker has stored it.</summary>
    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="options">Null for the library's standard ones.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <inheritdoc cref="PublishAsync{T}(T, MessageSerializer{T}, MessageProperties?, CancellationToken)" path="/returns | /exception"/>
    [RequiresUnreferencedCode(DynamicMessagePack)]
    [RequiresDynamicCode(DynamicMessagePack)]
    public ValueTask<long> PublishMessagePackAsync<T>(
        T value,
        MessagePackSerializerOptions? options = null,
        MessageProperties? properties = null,
        CancellationToken cancellationToken = default) =>
        PublishAsync(
            value,
            options is null ? MessageSerializer.MessagePack<T>() : MessageSerializer.MessagePack<T>(options),
            properties,
            cancellationToken);
}
