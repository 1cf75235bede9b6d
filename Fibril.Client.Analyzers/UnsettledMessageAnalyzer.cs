using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Fibril.Client.Analyzers;

/// <summary>FBR0001: a loop over a subscription that neither settles its messages nor passes them on.</summary>
/// <remarks>
/// Looks at one loop and the code around it, not at paths through it: a loop that settles on one path only is left to its tests. Says nothing where
/// settling has no effect: where the code sets AutoAck, and for a stream without a durable name.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnsettledMessageAnalyzer : DiagnosticAnalyzer
{
    private const string MessageType = "Fibril.Client.ReceivedMessage";

    private static readonly DiagnosticDescriptor Rule = new(
        "FBR0001",
        "Settle received messages",
        "'{0}' is neither settled nor passed on, so the broker delivers it again when its lease is over",
        "Reliability",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Call CompleteAsync, RetryAsync, RetryAfterAsync or FailAsync on every received message, hand it to code that does, or set AutoAck.");

    private static readonly ImmutableHashSet<string> Settlements =
        ImmutableHashSet.Create("CompleteAsync", "FailAsync", "RetryAsync", "RetryAfterAsync");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rule);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(MessageType) is { } message)
                start.RegisterOperationAction(operation => Analyze(operation, message), OperationKind.Loop);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol messageType)
    {
        if (context.Operation is not IForEachLoopOperation { IsAsynchronous: true, LoopControlVariable: IVariableDeclaratorOperation variable } loop
            || !SymbolEqualityComparer.Default.Equals(variable.Symbol.Type, messageType)
            || IsTakenCareOf(loop.Body, variable.Symbol)
            || !NeedsSettlement(loop))
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Rule, variable.Symbol.Locations[0], variable.Symbol.Name));
    }

    private static bool IsTakenCareOf(IOperation body, ILocalSymbol message)
    {
        foreach (IOperation operation in body.Descendants())
        {
            if (operation is ILocalReferenceOperation reference
                && SymbolEqualityComparer.Default.Equals(reference.Local, message)
                && (!IsOnlyRead(reference) || IsCaptured(reference, body)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True for a look at a property, a call that settles nothing, and the message as part of a text.</summary>
    private static bool IsOnlyRead(ILocalReferenceOperation reference) => reference.Parent switch
    {
        IInvocationOperation call => call.Instance == reference && !Settlements.Contains(call.TargetMethod.Name),
        IPropertyReferenceOperation => true,
        IInterpolationOperation => true,
        _ => false,
    };

    private static bool IsCaptured(IOperation reference, IOperation body)
    {
        for (IOperation? outer = reference.Parent; outer is not null && outer != body; outer = outer.Parent)
        {
            if (outer is IAnonymousFunctionOperation or ILocalFunctionOperation) return true;
        }

        return false;
    }

    private static bool NeedsSettlement(IForEachLoopOperation loop)
    {
        IOperation root = loop;
        while (root.Parent is { } parent) root = parent;
        return !Sets(root, "AutoAck") && (!IsOverStream(loop.Collection, root) || Sets(root, "DurableName"));
    }

    /// <summary>True when the code around the loop gives a property anything but false or null.</summary>
    private static bool Sets(IOperation root, string property)
    {
        foreach (IOperation operation in root.Descendants())
        {
            if (operation is IAssignmentOperation { Target: IPropertyReferenceOperation target, Value.ConstantValue: var value }
                && target.Property.Name == property
                && !(value.HasValue && value.Value is null or false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the loop, or the declaration of what it loops over, calls for a stream.</summary>
    private static bool IsOverStream(IOperation collection, IOperation root)
    {
        if (CallsForStream(collection)) return true;
        while (collection is IConversionOperation conversion) collection = conversion.Operand;
        if (collection is not ILocalReferenceOperation { Local: var subscription }) return false;
        foreach (IOperation operation in root.Descendants())
        {
            if (operation is IVariableDeclaratorOperation declarator
                && SymbolEqualityComparer.Default.Equals(declarator.Symbol, subscription)
                && CallsForStream(declarator))
            {
                return true;
            }
        }

        return false;
    }

    private static bool CallsForStream(IOperation operation)
    {
        foreach (IOperation part in operation.DescendantsAndSelf())
        {
            if (part is IInvocationOperation { TargetMethod.Name: "SubscribeStreamAsync" or "SubscribeStreamPatternAsync" }) return true;
        }

        return false;
    }
}
