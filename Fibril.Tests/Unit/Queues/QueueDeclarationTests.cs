using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What a declaration makes of what there was, DCL-2, DCL-3.</summary>
public sealed class QueueDeclarationTests
{
    private static readonly QueueName Orders = new("orders", null);

    [Theory] // Q-10, DCL-2
    [InlineData(null, null, 3)]
    [InlineData(null, 5, 5)]
    [InlineData(null, 1, 1)]
    [InlineData(4, null, 4)]
    [InlineData(4, 6, 6)]
    [InlineData(4, 2, 4)]
    [InlineData(4, 4, 4)]
    public void The_count_in_effect_is_the_larger_one_and_the_default_only_for_a_new_queue(int? present, int? asked, int effective)
    {
        QueueEntry? existing = present is { } count ? new QueueEntry(Orders, IsDeclared: true, count, QueueSettings.Default) : null;
        QueueEntry entry = new QueueDeclaration(asked, null, null, null).ApplyTo(existing, Orders, defaultCount: 3);
        Assert.Equal(new QueueEntry(Orders, IsDeclared: true, effective, QueueSettings.Default), entry);
    }

    [Fact] // a queue that came into being by use is a declared one from now on
    public void Declaring_a_used_queue_keeps_its_partitions()
    {
        var used = new QueueEntry(Orders, IsDeclared: false, 4, QueueSettings.Default);
        Assert.Equal(used with { IsDeclared = true }, new QueueDeclaration(1, null, null, null).ApplyTo(used, Orders, defaultCount: 3));
    }

    [Fact] // Q-13, DCL-3
    public void An_omitted_setting_stays_and_a_given_one_replaces()
    {
        QueueEntry? entry = null;
        var expected = new QueueSettings(3, 1000, DeadLetterPolicy.Custom("dead", null));
        Apply(new QueueDeclaration(null, 3, 1000, expected.DeadLetterPolicy));
        Apply(new QueueDeclaration(null, null, null, null));
        expected = expected with { MaxRetries = 0 };
        Apply(new QueueDeclaration(null, 0, null, null));
        expected = expected with { DefaultTtlMs = 5 };
        Apply(new QueueDeclaration(null, null, 5, null));
        expected = expected with { DeadLetterPolicy = DeadLetterPolicy.Discard };
        Apply(new QueueDeclaration(null, null, null, DeadLetterPolicy.Discard));

        void Apply(QueueDeclaration declaration)
        {
            entry = declaration.ApplyTo(entry, Orders, defaultCount: 1);
            Assert.Equal(expected, entry.Settings);
        }
    }
}
