"""Made-up exports in the spelling of many tools and people: each column with the role that it truly has.

A table is a text of `name:draw` pairs. The draw says both what the column is and how its cells come about; the results
depend on the settings, and one trial in twelve crashed and has no results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Rng = np.random.Generator
Cells = list[Any]

EXPORTS: dict[str, str] = {
    "talos": "round_epochs:reached val_loss:val_loss val_accuracy:val_acc loss:train_loss accuracy:train_acc lr:log "
    "first_neuron:ints hidden_layers:small batch_size:ints epochs:planned dropout:unit weight_regulizer:blank "
    "emb_output_dims:blank shape:shape optimizer:opt losses:cats activation:cats last_activation:cats",
    "vertex": "Trial_ID:number Status:status accuracy:val_acc Training_step:reached Elapsed_time:seconds "
    "learning-rate:log num-units:ints dropout:unit hidden-layers:small",
    "sagemaker": "FinalObjectiveValue:val_loss TrainingElapsedTimeSeconds:seconds TrainingEndTime:date "
    "TrainingJobName:name TrainingJobStatus:status TrainingStartTime:date eta:log max_depth:small subsample:unit "
    "min_child_weight:real alpha:real",
    "determined": "trialId:number state:status hparams.learning_rate:log hparams.n_filters1:ints "
    "hparams.dropout1:unit searcherMetricValue:val_loss totalBatchesProcessed:count startTime:date endTime:date",
    "guild": "run:hex operation:fixed started:date time:clock status:status label:label batch-size:ints "
    "dropout:unit lr:log loss:train_loss val_acc:val_acc",
    "hyperopt": "tid:number loss:val_loss status:status eval_time:seconds C:log gamma:log kernel:cats degree:small",
    "skopt": "iter:number x_learning_rate:log x_max_depth:small x_min_samples:ints y:val_loss",
    "bohb": "config_id:name budget:rung loss:val_loss lr:log num_conv_layers:small num_filters_1:ints "
    "dropout_rate:unit sgd_momentum:unit optimizer:opt train_accuracy:train_acc validation_accuracy:val_acc "
    "test_accuracy:test_acc number_of_parameters:params",
    "hf": "run_name:name learning_rate:log per_device_train_batch_size:ints num_train_epochs:planned "
    "warmup_ratio:unit weight_decay:log gradient_accumulation_steps:small lr_scheduler_type:cats eval_loss:val_loss "
    "eval_accuracy:val_acc eval_f1:val_acc eval_runtime:part eval_samples_per_second:outcome "
    "eval_steps_per_second:outcome "
    "train_loss:train_loss train_runtime:seconds train_samples_per_second:outcome train_steps_per_second:outcome "
    "total_flos:params epoch:reached global_step:reached",
    "wandb": "Name:name State:status Notes:dash User:fixed Tags:blank Created:date Runtime:seconds Sweep:fixed "
    "batch_size:ints d_model:ints model.n_heads:small optim.lr:log optim.wd:log scheduler:cats train/grad_norm:norm "
    "train/learning_rate:schedule train/loss:train_loss trainer/global_step:reached val/acc:val_acc val/loss:val_loss "
    "best_val_loss:best",
    "mlflow_ui": "Start_Time:date Duration:span Run_ID:hex Name:name Source_Type:fixed Source_Name:path User:fixed "
    "Status:status batch_size:ints hidden_units:ints lr:log optimizer:opt val_auc:val_acc val_logloss:val_loss "
    "train_logloss:train_loss mlflow.log-model.history:json",
    "rllib": "episode_reward_mean:val_acc episode_len_mean:outcome episodes_total:count training_iteration:reached "
    "timesteps_total:reached time_total_s:seconds done:flag trial_id:hex config/lr:log config/gamma:unit "
    "config/lambda:unit config/clip_param:unit config/entropy_coeff:log config/train_batch_size:ints "
    "config/num_sgd_iter:small info/learner/default_policy/cur_lr:schedule info/learner/default_policy/kl:outcome "
    "perf/cpu_util_percent:outcome hostname:fixed node_ip:fixed pid:count",
    "sb3": "seed:seed algo:cats n_envs:small n_steps:ints batch_size:ints gae_lambda:unit gamma:unit n_epochs:small "
    "ent_coef:log learning_rate:log clip_range:unit mean_reward:val_acc std_reward:outcome fps:outcome "
    "total_timesteps:const",
    "sb3_logger": "name:name learning_rate:log ent_coef:log gae_lambda:unit max_grad_norm:unit "
    "rollout/ep_len_mean:outcome rollout/ep_rew_mean:val_acc time/fps:outcome time/iterations:reached "
    "time/time_elapsed:seconds time/total_timesteps:reached train/explained_variance:val_acc train/loss:train_loss "
    "train/value_loss:train_loss eval/mean_reward:val_acc",
    "lightgbm": "trial:number num_leaves:ints min_data_in_leaf:ints feature_fraction:unit bagging_fraction:unit "
    "bagging_freq:small lambda_l1:log lambda_l2:log learning_rate:log n_estimators:ints train_auc:train_acc "
    "valid_auc:val_acc test_auc:test_acc best_iteration:count fit_seconds:seconds",
    "catboost": "idx:number depth:small l2_leaf_reg:real iterations:ints border_count:ints learning_rate:log "
    "bagging_temperature:unit RMSE_train:train_loss RMSE_val:val_loss fit_time_s:seconds",
    "excel": "Nr.:number Lernrate:log Batchgröße:ints Epochen:planned Dropout:unit Genauigkeit_acc:val_pct "
    "Val_Loss:val_loss Dauer_[min]:seconds Bemerkung:label",
    "timm": "experiment:name model:cats lr:log wd:log drop_path:unit mixup:unit aug:cats img_size:ints epochs:planned "
    "top1:val_pct top5:val_pct param_count:params gmacs:params train_samples_per_sec:outcome",
    "yolo": "run:name lr0:log lrf:unit momentum:unit weight_decay:log warmup_epochs:small box:real cls:real hsv_h:unit "
    "mosaic:flag mixup:unit metrics/mAP50(B):val_acc metrics/mAP50-95(B):val_acc metrics/precision(B):val_acc "
    "metrics/recall(B):val_acc val/box_loss:val_loss train/box_loss:train_loss train/cls_loss:train_loss",
    "tensorboard": "lr:log conv_layers:small hidden:ints use_bn:flag optimizer:opt epoch_loss:train_loss "
    "evaluation_loss_vs_iterations:val_loss epoch_accuracy:train_acc",
    "keras_tuner": "trial_id:number score:val_acc best_step:count status:status units_0:ints units_1:ints "
    "num_layers:small lr:log tuner/epochs:count tuner/bracket:count tuner/round:count val_accuracy:val_acc "
    "accuracy:train_acc",
    "kaggle": "exp:number fold:seed backbone:cats img_size:ints lr:log bs:ints epochs:planned aug_prob:unit tta:flag "
    "cv_score:val_acc lb_score:test_acc notes:label gpu:cats_out",
    "gnn": "run_id:hex conv:cats n_layers:small hidden_channels:ints heads:small dropout:unit residual:flag jk:cats "
    "lr:log train_mae:train_loss val_mae:val_loss test_mae:test_loss epoch_best:count n_params:params "
    "gpu_mem_mb:params time_per_epoch:part converged:flag_out",
    "lora": "run:name base_model:cats lora_r:ints lora_alpha:ints lora_dropout:unit target_modules:cats lr:log "
    "packing:flag eval_ppl:val_loss train_ppl:train_loss mmlu_acc:val_acc gsm8k_exact_match:val_acc tokens_seen:count "
    "peak_vram_gb:params wall_clock_h:seconds error:message",
    "neptune": "sys/id:name sys/state:active sys/failed:flag_out sys/creation_time:date sys/running_time:seconds "
    "sys/owner:fixed parameters/lr:log parameters/dropout:unit parameters/arch:cats metrics/train/loss:train_loss "
    "metrics/val/loss:val_loss",
    "sklearn_svm": "C:log gamma:log kernel:cats class_weight:cats mean_test_score:val_acc std_test_score:outcome "
    "rank_test_score:rank mean_train_score:train_acc mean_fit_time:seconds mean_score_time:part",
    "odd": "case:number swizzle_width:ints tau_mix:unit thresh:real kind:cats zeta:log dev_err:val_loss "
    "fit_err:train_loss elapsed:seconds",
    "blackbox": "arm_name:name trial_status:status generation_node:fixed x1:unit x2:unit x3:log quality:val_acc",
    "nni": "trialJobId:hex lr:log hidden_size:ints momentum:unit batch_size:ints reward:val_acc sequence:number2",
    "aim": "run.hash:hex run.experiment:fixed run.created_at:date run.duration:seconds hparams.lr:log "
    "hparams.batch_size:ints hparams.dropout:unit loss_{subset:train}:train_loss loss_{subset:val}:val_loss",
    "comet": "experiment_key:hex file_name:path duration_millis:seconds status:status learning_rate:log "
    "hidden_dim:ints train_loss:train_loss validate_loss:val_loss sys.gpu.0.utilization:outcome curr_step:reached",
    "diffusion": "id:hex noise_schedule:cats beta_end:log num_diffusion_steps:ints guidance_scale:real ema_decay:unit "
    "lr:log fid:val_loss inception_score:val_acc fid_best:best sampling_time_s:part kimg:count",
    "forecast": "model:cats lookback:ints horizon:ints hidden_size:ints n_blocks:small lr:log smape:val_loss "
    "mase:val_loss mae_train:train_loss mae_val:val_loss early_stop_epoch:reached runtime_min:seconds",
    "cleanrl": "Name:name State:status charts/episodic_return:val_acc charts/episodic_length:outcome "
    "charts/SPS:count charts/learning_rate:schedule losses/value_loss:train_loss "
    "losses/policy_loss:val_loss losses/clipfrac:part global_step:reached env_id:fixed seed:seed "
    "total_timesteps:const learning_rate:log num_envs:small num_steps:ints anneal_lr:flag gamma:unit "
    "gae_lambda:unit num_minibatches:small update_epochs:small norm_adv:flag clip_coef:unit "
    "clip_vloss:flag ent_coef:log vf_coef:unit max_grad_norm:unit",
    "nanogpt": "run:name lr:log n_layer:small n_head:small n_embd:ints dropout:unit batch_size:ints block_size:ints "
    "val_loss:val_loss train_loss:train_loss iter:reached mfu:part tokens_per_sec:outcome",
    "detr": "exp_name:name backbone:cats lr:log lr_backbone:log num_queries:ints epochs:planned bbox_mAP:val_acc "
    "bbox_mAP_50:val_acc bbox_mAP_s:val_acc train_loss_bbox:train_loss gpu_hours:outcome",
    "recbole": "model:cats dataset:fixed learning_rate:log embedding_size:ints reg_weight:log n_layers:small "
    "recall@10:val_acc mrr@10:val_acc ndcg@10:val_acc hit@10:val_acc precision@10:val_acc",
    "espnet": "exp:number config:path beam_size:small ctc_weight:unit lm_weight:unit penalty:unit wer_dev:val_loss "
    "cer_dev:val_loss wer_test:test_loss rtf:part",
    "chem": "id:number model:cats cutoff:real n_interactions:small lr:log energy_mae_meV:val_loss "
    "forces_rmse:val_loss val_mae:val_loss train_mae:train_loss n_params:params time_per_epoch_s:part",
    "xgb": "max_depth:small eta:unit gamma:log min_child_weight:real subsample:unit colsample_bytree:unit "
    "n_rounds:ints train-logloss-mean:train_loss test-logloss-mean:test_loss test-logloss-std:part "
    "best_ntree_limit:count",
    "nbeats": "input_size:ints n_harmonics:small stack_types:cats learning_rate:log max_steps:planned "
    "windows_batch_size:ints scaler_type:cats loss:cats mae:val_loss smape:val_loss",
    "pinn": "activation:cats n_layers:small n_neurons:ints lr:log adam_iters:planned lbfgs_iters:planned "
    "w_pde:log w_bc:log n_colloc:ints l2_rel_err:val_loss max_err:val_loss train_time:seconds seed:seed",
    "fed": "alg:cats num_clients:ints frac:unit local_epochs:small lr:log mu:log partition:cats alpha:real "
    "rounds:planned test_acc:test_acc test_loss:test_loss comm_cost_MB:outcome",
    "quant": "model:cats wbits:small abits:small groupsize:ints act_order:flag ppl_wikitext2:val_loss "
    "ppl_c4:val_loss size_gb:part latency_ms:part tok/s:outcome",
    "gan": "z_dim:ints lr_g:log lr_d:log beta1:unit n_critic:small gp_lambda:real batch:ints FID:val_loss "
    "IS_score:val_acc d_loss:train_loss g_loss:train_loss kimg:count",
    "retrieval": "encoder:cats pooling:cats temperature:log hard_negatives:small batch_size:ints lr:log MRR@10:val_acc "
    "Recall@100:val_acc nDCG@10:val_acc train_loss:train_loss",
    "rag": "chunk_size:ints overlap:small top_k:small embed_model:cats rerank:flag faithfulness:val_acc "
    "answer_relevancy:val_acc latency_s:part cost_usd:part",
    "kd": "teacher:cats student:cats T:small alpha:unit lr:log acc@1:val_pct acc@5:val_pct params(M):params "
    "flops(G):params",
    "sb3_optuna": "trial:number reward_mean:val_acc reward_std:outcome n_steps:ints gamma:unit lr:log net_arch:cats "
    "ortho_init:flag activation_fn:cats state:status",
    "french": "essai:number noyau:cats C:log gamma:log précision_apprentissage:train_acc précision_test:test_acc "
    "durée_s:seconds",
    "slurm": "JobID:number lr:log wd:log epochs:planned State:status Elapsed:clock MaxRSS:params ExitCode:fixed "
    "val_acc:val_acc",
    "h2o": "model_id:hex auc:val_acc logloss:val_loss aucpr:val_acc mean_per_class_error:val_loss rmse:val_loss "
    "mse:val_loss training_time_ms:seconds predict_time_per_row_ms:part algo:cats",
    "pycaret": "Model:model_name Accuracy:val_acc AUC:val_acc Recall:val_acc Prec.:val_acc F1:val_acc Kappa:val_acc "
    "MCC:val_acc TT_(Sec):seconds",
    "lda": "num_topics:ints alpha:log eta:log passes:small coherence_cv:val_acc perplexity:val_loss time:seconds",
    "nasbench": "arch_id:number op_0:cats op_1:cats params_m:params flops_m:params latency:part train_acc:train_acc "
    "val_acc:val_acc test_acc:test_acc",
    "flat_optuna": "trial_id:number value:val_loss lr:log wd:log dropout:unit duration:seconds state:status "
    "best_so_far:best",
    "rlhf": "run_id:hex kl_coef:log ppo_epochs:small mini_batch_size:ints lr:log reward_mean:val_acc "
    "response_len_mean:outcome eval_win_rate:val_acc",
    "sdlora": "name:name network_rank:ints network_alpha:ints unet_lr:log text_encoder_lr:log resolution:ints "
    "train_steps:planned clip_score:val_acc fid:val_loss loss:train_loss",
    "medseg": "fold:seed patch:ints overlap:unit lr:log dice_val:val_acc dice_test:test_acc hd95:outcome "
    "loss_val:val_loss epoch_best:count",
    "bayes": "prior_sigma:log n_samples:ints kl_weight:log elbo:val_loss nll:val_loss ece:val_loss brier:val_loss "
    "acc:val_acc",
    "kaggle_lgb": "num_leaves:ints learning_rate:log n_estimators:ints cv_mean:val_acc cv_std:part lb:test_acc "
    "seed:seed",
    "camel": "runId:hex learningRate:log batchSize:ints numLayers:small dropoutRate:unit weightDecay:log "
    "trainLoss:train_loss valLoss:val_loss valAccuracy:val_acc elapsedSec:seconds createdAt:date "
    "gpuName:fixed",
    "dots": "exp.name:name data.augment.prob:unit data.crop:ints model.encoder.depth:small "
    "model.encoder.width:ints model.head:cats train.optimizer.lr:log train.optimizer.wd:log "
    "train.sched:cats result.val.miou:val_acc result.train.loss:train_loss result.best_epoch:count "
    "sys.host:fixed",
    "spaces": "Run_Name:name Learning_Rate:log Batch_Size:ints Hidden_Units:ints L2_Reg:log Train_Loss:train_loss "
    "Validation_Loss:val_loss Test_Accuracy_(%):val_pct Training_Time_(min):seconds Comments:label",
    "upper": "ID:number LR:log BS:ints WD:log OPT:opt DROPOUT:unit VAL_LOSS:val_loss TRAIN_LOSS:train_loss "
    "VAL_ACC:val_acc EPOCH:reached TIME:seconds STATUS:status",
    "contrastive": "tau_plus:unit beta:real proj_dim:ints queue_size:ints momentum_encoder:unit "
    "color_jitter:unit lr:log "
    "knn_acc:val_pct linear_acc:val_pct pretrain_loss:train_loss",
    "ax": "trial_index:number arm_name:arm trial_status:status generation_node:fixed val_loss:val_loss lr:log "
    "width:ints",
    "lightning_hparams": "version:number epoch:reached step:reached train_loss_epoch:train_loss val_loss:val_loss "
    "hparams/lr:log hparams/hidden:ints hparams/optimizer:opt",
    "bitwidths": "Name:name State:status Created:date Runtime:seconds act_bits:small batch_size:const data_dir:path "
    "num_workers:const seed:seed weight_bits:small activation_mem_mb:params compression_ratio_acts:tally "
    "compression_ratio_weights:tally quant_model_mb:params quant_test_acc:val_pct quant_test_loss:test_loss",
    "entities": "rank:ints alpha:ints f1:val_acc precision:val_acc recall:val_acc training_time_sec:seconds "
    "peak_vram_gb:params muc5_COR:tally muc5_INC:tally short_entity_acc:val_acc long_entity_acc:val_acc",
    "alarms": "OLD_WEIGHT:const THRESHOLD:tenths lambda_task:tenths lambda_time:tenths ALPHA:tenths accuracy:val_acc "
    "precision:val_acc recall:none_or_all f1:val_acc",
    "evolution": "pop_size:ints generations:planned selection:cats cx_rate:tenths mut_rate:tenths "
    "elitism_percent:tenths avg_fitness:val_acc max_fitness:val_acc std_fitness:outcome "
    "avg_generations:outcome convergence_rate:outcome",
    "speech": "lm_weight:tenths word_score:tenths beam_size:ints avg_wer:val_loss time_seconds:seconds status:status",
    "bytes": "byte_window_size:ints byte_embedding_dim:ints byte_pad_side:cats val_loss:val_loss train_time_ms:seconds "
    "step_avg_ms:part peak_alloc_mib:params peak_reserved_mib:params wallclock_s:seconds log_path:path",
    "blended": "hidden:ints lr:log dropout:unit blocks:const best_recall@10:val_acc best_ndcg@10:val_acc "
    "best_blend_alpha:tally blended_recall@10:val_acc epochs_to_best:count params:params seconds:seconds",
    "unlearning": "run:name method:cats compression:opt level:tenths forget_ROUGE:val_acc extraction_strength:tally "
    "model_utility:part",
    "chinese": "编号:number 学习率:log 批量大小:ints d_model:ints 训练损失:train_loss "
    "验证损失:val_loss 测试准确率:test_acc 参数量:params 耗时:seconds 备注:label",
    "segments": "run_id:number lambda-frames-eval:tenths eps-train:log n-clusters:const learning-rate:const "
    "State:fixed F1_Full:val_acc MIOU_Full:val_acc MOF_Full:tally MOF_Per:tally",
    "energy": "config:number lookback_days:small n_estimators:ints learning_rate:log feature_set:cats "
    "mape_day_ahead:val_loss rmse_mw:val_loss peak_error_pct:val_loss fit_seconds:seconds",
}

ROLE = {
    **dict.fromkeys("log unit real ints small tenths planned opt cats flag shape".split(), "hyperparameter"),
    **dict.fromkeys("val_loss train_loss test_loss val_acc train_acc test_acc val_pct none_or_all".split(), "metric"),
    **dict.fromkeys("number hex name".split(), "id"),
    **dict.fromkeys("seconds span clock".split(), "duration"),
    **dict.fromkeys("reached rung".split(), "budget"),
    "status": "status",
    "active": "status",
    "date": "timestamp",
    "seed": "seed",
    "message": "message",
}
"""Role of a draw; what is not here is ignored."""

# Columns that are no setting and no id although their draw is one: a flag of the tool, a second id.
NOT_SETTINGS = {("rllib", "done"), ("mlflow_ui", "Name")}


def made(name: str, n: int = 96, seed: int = 0) -> tuple[dict[str, Cells], dict[str, str]]:
    """The columns of an export, and the role of each."""
    rng = np.random.default_rng([seed, *name.encode()])
    quality = rng.normal(size=n)
    crashed = rng.random(n) < 1 / 12
    columns: dict[str, Cells] = {}
    roles: dict[str, str] = {}
    for pair in EXPORTS[name].split():
        column, draw = pair.rsplit(":", 1)
        cells = _DRAWS[draw](rng, n, quality)
        if draw in _OUTCOMES:
            cells = [None if dead else cell for cell, dead in zip(cells, crashed, strict=True)]
        if draw in ("status", "active"):
            cells = [bad if dead else good for dead, (good, bad) in zip(crashed, cells, strict=True)]
        if draw in ("log", "unit", "ints", "small", "real"):
            quality = quality + 0.4 * rng.permutation(_standard(cells))
        column = column.replace("_", " ") if name in ("vertex", "mlflow_ui", "excel") else column
        columns[column] = cells
        roles[column] = "ignored" if (name, column) in NOT_SETTINGS else ROLE.get(draw, "ignored")
    return columns, roles


def _standard(cells: Cells) -> np.ndarray[Any, Any]:
    values = np.asarray(cells, float)
    return (values - values.mean()) / (values.std() or 1)


def _hex(rng: Rng, n: int) -> Cells:
    return ["".join(rng.choice(list("0123456789abcdef"), 12)) for _ in range(n)]


def _dates(rng: Rng, n: int) -> Cells:
    minutes = np.sort(rng.integers(0, 60 * 24 * 20, n))
    start = np.datetime64("2026-03-01T08:00:00")
    return [str(start + np.timedelta64(int(m), "m")).replace("T", " ") for m in minutes]


def _losses(scale: float) -> Callable[..., Cells]:
    return lambda rng, n, q: [round(float(x), 6) for x in scale * np.exp(0.3 * q + 0.05 * rng.normal(size=n))]


def _shares(shift: float, percent: float = 1.0) -> Callable[..., Cells]:
    def draw(rng: Rng, n: int, q: Any) -> Cells:
        return [round(percent * float(x), 5) for x in 1 / (1 + np.exp(0.6 * q - shift + 0.1 * rng.normal(size=n)))]

    return draw


def _pick(*choices: Any) -> Callable[..., Cells]:
    return lambda rng, n, q: [choices[i] for i in rng.integers(0, len(choices), n)]


_DRAWS: dict[str, Callable[..., Cells]] = {
    "log": lambda rng, n, q: [float(f"{10**x:.6g}") for x in rng.uniform(-5, 0, n)],
    "unit": lambda rng, n, q: [round(float(x), 6) for x in rng.uniform(0, 1, n)],
    "real": lambda rng, n, q: [round(float(x), 3) for x in rng.uniform(1, 40, n)],
    "ints": _pick(16, 32, 64, 128, 256),
    "small": _pick(1, 2, 3, 4, 5),
    "tenths": _pick(0.1, 0.30000000000000004, 0.5000000000000001, 0.7000000000000001, 0.9000000000000001),
    "planned": _pick(10, 20, 50),
    "opt": _pick("adam", "sgd", "rmsprop"),
    "cats": _pick("alpha", "beta-2", "gamma"),
    "flag": _pick(True, False),
    "shape": _pick("brick", "funnel", "(64, 32)"),
    "val_loss": _losses(0.6),
    "train_loss": _losses(0.5),
    "test_loss": _losses(0.65),
    "val_acc": _shares(1.5),
    "train_acc": _shares(2.0),
    "test_acc": _shares(1.4),
    "val_pct": _shares(1.5, 100.0),
    "none_or_all": _pick(0.0, 1.0),
    "tally": _pick(4.5, 8, 5.25, 16, 13.75, 22, 9),
    "number": lambda rng, n, q: list(range(1, n + 1)),
    "number2": lambda rng, n, q: rng.permutation(n).tolist(),
    "hex": lambda rng, n, q: _hex(rng, n),
    "name": lambda rng, n, q: [f"{w}-sweep-{i}" for i, w in enumerate(_pick("happy", "lunar", "deep")(rng, n, q))],
    "arm": lambda rng, n, q: [f"{i}_0" for i in range(n)],
    "model_name": lambda rng, n, q: [f"Model {i}" for i in range(n)],
    "label": lambda rng, n, q: [f"tried something in run {i} and it was fine" for i in range(n)],
    "status": lambda rng, n, q: [("finished", "failed")] * n,
    "active": lambda rng, n, q: [("Inactive", "Inactive")] * n,
    "date": lambda rng, n, q: _dates(rng, n),
    "seconds": lambda rng, n, q: [round(float(x), 2) for x in rng.lognormal(5, 0.5, n)],
    "span": lambda rng, n, q: [f"{x:.1f}min" for x in rng.lognormal(1, 0.5, n)],
    "clock": lambda rng, n, q: [f"0:{int(x):02d}:{int(y):02d}" for x, y in rng.integers(1, 59, (n, 2))],
    "outcome": lambda rng, n, q: [round(float(x), 3) for x in rng.uniform(1, 40, n)],
    "part": lambda rng, n, q: [round(float(x), 3) for x in rng.lognormal(0, 0.3, n)],
    "reached": lambda rng, n, q: rng.integers(3, 900, n).tolist(),
    "rung": _pick(9, 27, 81),
    "seed": _pick(0, 1, 2),
    "count": lambda rng, n, q: rng.integers(10, 40_000, n).tolist(),
    "params": lambda rng, n, q: rng.choice([1_203_114, 4_410_122, 9_982_010, 20_431_882], n).tolist(),
    "norm": lambda rng, n, q: [round(float(x), 5) for x in rng.lognormal(0, 1, n)],
    "schedule": lambda rng, n, q: [float(f"{10**x:.6g}") for x in rng.uniform(-8, -3, n)],
    "best": _losses(0.55),
    "rank": lambda rng, n, q: (np.argsort(np.argsort(q)) + 1).tolist(),
    "fixed": lambda rng, n, q: ["base"] * n,
    "const": lambda rng, n, q: [100_000] * n,
    "blank": lambda rng, n, q: [None] * n,
    "dash": lambda rng, n, q: ["-"] * n,
    "path": lambda rng, n, q: [f"runs/{i // 4}/train.py" for i in range(n)],
    "json": lambda rng, n, q: ['[{"run_id": "x", "flavors": {}}]'] * n,
    "message": lambda rng, n, q: ["CUDA out of memory" if x < 0.1 else None for x in rng.random(n)],
    "cats_out": _pick("A100", "T4"),
    "flag_out": _pick(True, False),
}

_OUTCOMES = frozenset(
    (
        "val_loss train_loss test_loss val_acc train_acc test_acc val_pct none_or_all tally count params norm "
        "schedule best rank part outcome"
    ).split()
)
