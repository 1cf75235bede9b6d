using System.Text.Json;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>One field as operators and their tools have to know it.</summary>
/// <param name="Group">Its group.</param>
/// <param name="Name">Its name in the group.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Type"><c>boolean</c> or <c>integer</c>.</param>
/// <param name="Unit"><c>ms</c>, <c>us</c>, <c>bytes</c>; null for a count or a boolean.</param>
/// <param name="Nullable">True when null is a value.</param>
/// <param name="Default">What is built in, as the document writes it.</param>
/// <param name="Seed">What this start was configured with, as the document writes it.</param>
/// <param name="Min">Smallest number; null for a boolean.</param>
/// <param name="Max">Largest number; null for a boolean.</param>
/// <param name="Applies"><c>live</c>, or <c>next_use</c>: for what begins after the change.</param>
/// <param name="Locked">True when nobody can change it while the broker runs.</param>
internal sealed record RuntimeFieldSchema(
    string Group, string Name, string Description, string Type, string? Unit, bool Nullable, JsonElement Default, JsonElement Seed, long? Min,
    long? Max, string Applies, bool Locked)
{
    internal static RuntimeFieldSchema Of(RuntimeField field, long seed, long max, bool isLocked)
    {
        bool isBoolean = field.Unit == FieldUnit.Boolean;
        return new RuntimeFieldSchema(
            field.Group, field.Name, field.Description, isBoolean ? "boolean" : "integer", UnitOf(field), field.NullMeans is not null,
            Written(field, field.Default), Written(field, seed), isBoolean ? null : field.Min, isBoolean ? null : max,
            field.Applies == FieldApplies.Live ? "live" : "next_use", isLocked);
    }

    private static string? UnitOf(RuntimeField field) =>
        field.Unit switch
        {
            FieldUnit.Milliseconds => "ms",
            FieldUnit.Microseconds => "us",
            FieldUnit.Bytes => "bytes",
            _ => null,
        };

    private static JsonElement Written(RuntimeField field, long value) =>
        value == field.NullMeans ? JsonSerializer.SerializeToElement(null, RuntimeSettingsJson.Default.NullableInt64)
        : field.Unit == FieldUnit.Boolean ? JsonSerializer.SerializeToElement(value != 0, RuntimeSettingsJson.Default.Boolean)
        : JsonSerializer.SerializeToElement(value, RuntimeSettingsJson.Default.NullableInt64);
}
