"""The words that people use in column names: hyperparameters, metrics, bookkeeping."""

from __future__ import annotations

KNOWN_HYPERPARAMETERS = frozenset(
    (
        # optimisation
        "learning_rate weight_decay batch_size momentum nesterov optimizer optimizer_name optim beta1 beta2 beta_1 "
        "beta_2 adam_beta1 adam_beta2 adam_epsilon epsilon eps amsgrad rho dampening scheduler lr_scheduler "
        "lr_scheduler_type lr_schedule schedule warmup warmup_steps warmup_ratio warmup_frac warmup_epochs "
        "warmup_proportion decay lr_decay decay_rate decay_steps step_size lr_gamma min_lr max_lr lr_min lr_max "
        "final_lr lr_factor cosine cycle_length grad_clip clip_norm grad_norm_clip clip_grad max_grad_norm "
        "clip_grad_norm gradient_clip gradient_clip_val gradient_clipping clipnorm clipvalue accumulation "
        "gradient_accumulation_steps accumulate_grad_batches grad_accum ema ema_decay swa lookahead loss_scale "
        "effective_batch_size train_batch_size eval_batch_size mini_batch_size minibatch_size num_minibatches "
        "max_epochs num_epochs n_epochs num_train_epochs max_steps total_steps num_steps max_iter max_iterations "
        "patience early_stopping early_stopping_patience precision fp16 bf16 amp mixed_precision "
        # architecture
        "num_layers n_layers n_layer layers depth hidden hidden_dim hidden_dims hidden_size hidden_units "
        "hidden_layers hidden_layer_sizes n_hidden num_hidden width units n_units num_units neurons heads n_heads "
        "n_head num_heads attention_heads head_dim d_model dim emb_dim embed_dim embedding_dim embedding_size "
        "embedding n_embd ffn_dim ff_dim d_ff mlp_dim mlp_ratio expansion kernel_size kernel filters n_filters "
        "num_filters channels n_channels stride padding dilation pooling pool_size patch_size image_size img_size "
        "resolution crop_size seq_len seq_length sequence_length max_length max_len max_seq_length context_length "
        "block_size window_size lookback horizon n_lags lags bidirectional cell_type rnn_type activation "
        "activation_fn nonlinearity norm normalization norm_type norm_layer batch_norm batchnorm layer_norm use_bn "
        "residual skip_connections bias model model_name model_type architecture arch backbone encoder decoder "
        "encoder_layers decoder_layers num_blocks n_blocks blocks groups norm_groups growth_rate compression "
        "latent_dim z_dim codebook_size num_embeddings vocab_size rank lora_rank lora_r lora_alpha lora_dropout "
        "target_modules quantization experts num_experts n_experts top_k k "
        # regularisation and data
        "dropout dropout_rate drop_rate drop_prob dropout_prob attention_dropout attn_dropout hidden_dropout "
        "drop_path drop_path_rate stochastic_depth label_smoothing l1 l2 l1_ratio reg regularization reg_lambda "
        "reg_alpha lambda lambda_l1 lambda_l2 mixup mixup_alpha cutmix cutmix_alpha cutout augmentation augment "
        "randaugment rand_augment aug noise noise_std sigma temperature tau init initializer init_scale init_std "
        "weight_init gain loss_fn loss_function criterion loss_type focal_gamma focal_alpha class_weight "
        "class_weights pos_weight sampler sampling negative_samples num_negatives margin tokenizer vectorizer "
        "n_train train_size train_frac train_fraction data_fraction subset_size val_split test_size n_samples "
        "shuffle num_workers n_jobs drop_last scaler scaling normalize standardize "
        "imputer feature_selection n_features n_components "
        # trees, kernels, linear models
        "n_estimators num_estimators n_trees num_trees ntree mtry num_boost_round n_boost_round boosting_rounds "
        "num_round num_rounds n_rounds iterations num_iterations "
        "max_depth min_child_weight min_child_samples min_samples_split min_samples_leaf "
        "min_data_in_leaf min_gain_to_split max_leaf_nodes num_leaves max_features max_bin max_samples subsample "
        "subsample_freq bagging_fraction bagging_freq feature_fraction colsample_bytree colsample_bylevel "
        "colsample_bynode scale_pos_weight booster boosting_type grow_policy tree_method gamma alpha c nu degree "
        "coef0 tol solver penalty fit_intercept multi_class bootstrap oob_score criterion splitter ccp_alpha "
        "l2_leaf_reg border_count bagging_temperature random_strength depthwise od_wait n_neighbors weights "
        "algorithm leaf_size metric_p p var_smoothing n_clusters linkage min_cluster_size "
        # reinforcement learning and generative models
        "discount discount_factor gae_lambda clip_range clip_param clip_ratio clip_epsilon ent_coef entropy_coeff "
        "entropy_coef vf_coef vf_loss_coeff value_coef kl_coeff kl_coef kl_target target_kl n_steps n_envs "
        "num_envs buffer_size replay_size replay_buffer_size target_update target_update_interval train_freq "
        "gradient_steps exploration_fraction exploration_eps epsilon_start epsilon_end epsilon_decay polyak "
        "replay_memory memory_size memory_capacity learning_starts rollout_length sgd_minibatch_size "
        "num_sgd_iter fragment_length timesteps diffusion_steps "
        "population population_size pop_size generations n_generations num_generations mutation mutation_rate "
        "crossover crossover_rate tournament_size elitism "
        "num_timesteps beta_start beta_end beta_schedule guidance_scale cfg_scale n_critic gp_weight kl_weight "
        "recon_weight strategy policy variant mode num_beams top_p repetition_penalty"
    ).split()
)

NAMED_LIKE_OUTCOMES = frozenset(
    "action_repeat repeat_aug commitment_cost prior_precision prior_std prior_var reward_scaling nms_iou".split()
)
"""Settings whose last word is one of a metric, a deviation or a seed."""

OF_A_MODULE = frozenset("learning_rate weight_decay optimizer momentum".split())
"""Settings that each part of a model may have for itself: `critic_lr`, `lr_D`."""
MODULES = frozenset(
    (
        "g d gen disc generator discriminator actor critic policy value pi vf q encoder decoder backbone head heads "
        "unet text vision image bert embed embedding embeddings body classifier prior posterior teacher student net "
        "lora adapter inner outer meta entity router"
    ).split()
)

SETTING_WORDS = frozenset(
    (
        "lr rate decay dropout drop dim dims size sizes layer layers hidden units neurons heads head width depth "
        "kernel filters channels stride patch embed embedding momentum beta gamma alpha lambda eps epsilon sigma tau "
        "rho eta delta temperature temp_scale warmup schedule scheduler optimizer optim activation init norm clip "
        "smoothing mixup cutmix augment augmentation noise reg l1 l2 penalty prob probability ratio frac fraction "
        "factor coef coeff coefficient weight scale max min num use enable with threshold window length len "
        "horizon lags patience freq interval every period stages blocks groups experts rank lora bits quant method "
        "type kind mode strategy policy variant solver criterion sampler tokenizer model arch backbone encoder "
        "decoder fn function features components clusters neighbors leaf leaves trees estimators bins samples "
        "subsample colsample bootstrap degree tol bias residual pool pooling padding attention attn ffn mlp conv rnn "
        "lstm gru buffer target update batch negatives margin beam strength aug"
    ).split()
)
"""Words that more often stand in the name of a setting than of an outcome; a clue, never a proof."""

# Name token to (metric kind, better direction).
METRIC_TOKENS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "loss",
            "nll",
            "logloss",
            "crossentropy",
            "xent",
            "ce",
            "bce",
            "cost",
            "elbo",
            "kl",
            "verlust",
            "perte",
            "perdida",
        ),
        ("loss", "minimize"),
    ),
    **dict.fromkeys(
        (
            "error err mse rmse mae mape smape mase rmsle msle wer cer ter fid lpips bpb bpc bpd perplexity ppl brier "
            "ece regret deviance hinge eer fvd wasserstein fehler erreur hallucination toxicity kid crps wape mdape "
            "rmspe mspe nrmse nmse rmsse mdae aic bic mindcf epe"
        ).split(),
        ("error", "minimize"),
    ),
    **dict.fromkeys(("reward", "rewards", "rew"), ("reward", "maximize")),
    **dict.fromkeys(
        ("acc", "accuracy", "top1", "acc1", "top5", "acc5", "bacc", "genauigkeit", "exactitude", "exactitud"),
        ("accuracy", "maximize"),
    ),
    **dict.fromkeys(
        (
            "auc auroc auprc aucpr aupr prauc rocauc f1 fscore fbeta precision prec recall sensitivity "
            "specificity r2 bleu rouge "
            "meteor chrf cider spice iou miou jaccard dice map mrr ndcg score return returns mcc kappa "
            "psnr ssim lik likelihood loglik nmi ari silhouette pearson spearman concordance cindex gini winrate "
            "elo sharpe sortino calmar pnl profit "
            "ap ami bertscore pesq stoi mmlu gsm8k hellaswag humaneval winogrande truthfulqa mbpp "
            "coherence purity hit hits faithfulness relevancy relevance groundedness helpfulness fluency"
        ).split(),
        ("score", "maximize"),
    ),
}

ONE_SIDED = frozenset("precision recall sensitivity specificity".split())
"""Scores of one kind of error: who always says yes has the best recall. Another metric goes before them."""

AMBIGUOUS_METRICS = frozenset(
    "cost kl map precision regret elo gini hit hits return returns score reward rewards rew".split()
)
"""Metric words that also name settings: the cost of an SVM, a precision in bits."""

OBJECTIVE_NAMES = frozenset(
    "value objective objective_value target finalobjectivevalue final_objective_value fitness y fval result "
    "performance perf outcome response quality metric metric_value searcher_metric_value best_metric "
    "cv cv_mean mean_cv lb".split()
)

NOT_METRICS = frozenset(
    (
        "weight weights scale coef coeff coefficient fn func function type name threshold smoothing target margin "
        "ratio lambda clip penalty reduction mode averaging alpha beta gamma delta eps epsilon tau temperature size "
        "batch steps iters epochs freq interval every period patience tol tolerance scheduler decay warmup "
        "cutoff param params coefs warm normalize use enable with std stdev stderr sem var variance ci rank diff gap "
        "improvement count time runtime seconds sec code usd eur comm ms gb mb kb"
    ).split()
)
"""Words beside a metric's name that make it a setting or another outcome: loss_weight, score_threshold, loss_std."""

TAILS = frozenset("rate samples min max".split())
"""Setting words that may end the name of a metric: error_rate, f1_samples."""

METRIC_PHRASES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "exact_match hit_rate success_rate win_rate pass_rate explained_variance r_squared log_likelihood "
            "clip_score inception_score calinski_harabasz v_measure pass_1 pass_5 pass_10 pass_100"
        ).split(),
        ("score", "maximize"),
    ),
    **dict.fromkeys(("top_1", "top_5"), ("accuracy", "maximize")),
    "davies_bouldin": ("error", "minimize"),
    **dict.fromkeys("bits_per_byte bits_per_character bits_per_dim".split(), ("error", "minimize")),
    **dict.fromkeys("negative_log_likelihood cross_entropy kl_divergence".split(), ("loss", "minimize")),
}

METRIC_EXTRAS = frozenset(
    "epoch step final last mean avg average median macro micro weighted logged score cv total overall raw".split()
)

# Words of outcomes that are no measure of quality, and of bookkeeping: anywhere in a name, first in it, last in it.
DERIVED_TOKENS = frozenset(
    (
        "best stdev stderr sem variance params parameters flops flos macs memory mem rss vram gpu gpus cpu cpus util "
        "utilization throughput artifact artifacts checkpoint ckpt logdir uri url link git sha commit hash host "
        "hostname pid ppid tp tn fp fn fps sps qps latency usd price carbon co2 kwh watt watts message traceback "
        "exception notes note remark comment comments description remarks bemerkung"
    ).split()
)
DERIVED_FIRST = frozenset("rank delta diff gap".split())
DERIVED_LAST = frozenset(
    (
        "found reached achieved obtained consumed processed seen selected "
        "norm count std var rank gap diff path dir file folder filename kb mb gb kib mib gib bytes megabytes gigabytes "
        "speedup"
    ).split()
)
RATE_UNITS = frozenset("second seconds sec s minute min hour h ms".split())

BOOKKEEPING_NAMES = frozenset(
    (
        "created updated state_reason eval_metric stopping_metric "
        "tags tag group job_type sweep sweep_id sweep_name project project_name entity "
        "experiment experiment_name experiment_id study study_name study_id os python python_version version "
        "cli_version agent agent_id command program source source_name source_type lifecycle_stage arm_name "
        "generation_node generation_method generation_step parameter_id parent rev typ executor sequence worker "
        "worker_id machine server cluster job job_id job_name slurm_job_id pod region instance_type stack_level "
        "can_infer fit_order bracket rung num_failures failures retries attempts attempt done converged success "
        "trainable_params total_params dirty wandb wandb_version index_level_0 run_url notebook log logs stdout "
        "last_checkpoint resumed_from returncode return_code exit_code exitcode failed crashed is_failed diverged oom "
        "is_nan has_nan nan verdict grade node node_id node_ip nodelist ip user username user_name owner author "
        "created_by support reason branch early_stopped stopped_early stopped pruned is_best status_message"
    ).split()
)

LOG_FOLDERS = frozenset("charts losses time timers env_runners".split())
"""Folders of a logger that never hold a setting: `charts/learning_rate` is the schedule."""

OUTCOME_FOLDERS = frozenset("rollout rollouts episode evaluation stats diagnostics".split())
"""Folders of a logger that may also be a group of settings."""
